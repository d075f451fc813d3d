/** The composition root of the command line: which commands there are. Resolves to the exit code. */
import { Command } from 'commander'
import { ConnectError } from '#errors'
import { version } from '../plugin/version.ts'
import { addDemoCommand } from './demo.ts'
import { addReplayCommand } from './replay.ts'
import { addTopicCommands } from './topics.ts'
import { addWorkerCommands } from './worker.ts'

export async function main(argv: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('rowtap')
    .description('change data capture: Debezium’s events under a Kafka-Connect-compatible worker')
    .version(version)
    .showHelpAfterError()
  const exit = (given: number): void => {
    code = given
  }
  addWorkerCommands(program, exit)
  addTopicCommands(program)
  addReplayCommand(program, exit)
  addDemoCommand(program, exit)
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    // What is raised on purpose says all there is to say; anything else is a fault of ours and keeps its stack.
    if (!(error instanceof ConnectError)) throw error
    process.stderr.write(`rowtap: ${error.message}\n`)
    return 1
  }
  return code
}
