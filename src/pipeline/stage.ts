/** The stages a record passes, by the names that Connect gives them in logs, dead letters and messages. */

export const stages = [
  'TASK_POLL',
  'TASK_PUT',
  'TRANSFORMATION',
  'KEY_CONVERTER',
  'VALUE_CONVERTER',
  'HEADER_CONVERTER',
  'KAFKA_PRODUCE',
  'KAFKA_CONSUME',
] as const

export type Stage = (typeof stages)[number]

/** The stages whose failures `errors.tolerance=all` may skip. Elsewhere a failure is the task's. */
export function tolerable(stage: Stage): boolean {
  return stage === 'TRANSFORMATION' || stage.endsWith('_CONVERTER')
}
