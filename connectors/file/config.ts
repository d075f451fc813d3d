/** The properties of the two file connectors, and what both share. */
import { int, nonEmpty, string } from '#plugin'

/** They answer as Kafka's own file connectors of this version do, down to the version that REST shows. */
export const fileConnectorVersion = '4.3.0'

export const sourceFields = {
  file: string({
    default: null,
    importance: 'HIGH',
    doc: 'The file to read. Without it, the standard input is read.',
  }),
  topic: string({
    importance: 'HIGH',
    validate: nonEmpty,
    doc: 'The topic that the lines are written to.',
  }),
  'batch.size': int({
    default: 2000,
    importance: 'LOW',
    doc: 'How many lines a poll returns at most.',
  }),
}

export const sinkFields = {
  file: string({
    default: null,
    importance: 'HIGH',
    doc: 'The file to append to; it is made if need be. Without it, lines go to the standard output.',
  }),
}
