/** `rowtap worker` and `rowtap standalone`: a worker as a process. Its code is loaded when it is asked for. */
import type { Command } from 'commander'

export function addWorkerCommands(program: Command, exit: (code: number) => void): void {
  program
    .command('worker')
    .description('run a worker that is configured over REST; its data is in one directory')
    .option('-c, --config <file>', 'worker properties; CONNECT_… environment variables win over them')
    .action(async ({ config }: { config?: string }) => {
      const { runWorker } = await import('./run-worker.ts')
      exit(await runWorker(config))
    })
  program
    .command('standalone')
    .description('run a worker with the connectors in the files given (properties or JSON)')
    .argument('<worker.properties>', 'worker properties')
    .argument('[connectors...]', 'connector files')
    .action(async (config: string, connectors: string[]) => {
      const { runStandalone } = await import('./run-worker.ts')
      exit(await runStandalone(config, connectors))
    })
}
