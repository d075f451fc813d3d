/** The composition root of the command line: which commands there are. Resolves to the exit code. */
import { Command } from 'commander'
import { version } from '../plugin/version.ts'
import { addWorkerCommands } from './worker.ts'

export async function main(argv: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('rowtap')
    .description('change data capture: Debezium’s events under a Kafka-Connect-compatible worker')
    .version(version)
    .showHelpAfterError()
  addWorkerCommands(program, (given) => {
    code = given
  })
  await program.parseAsync([...argv])
  return code
}
