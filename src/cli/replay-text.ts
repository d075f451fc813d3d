/** What the command line says of a replay. */
import type { ReplayPlanView, ReplayStatus } from '#worker'

export function planText(plan: ReplayPlanView, suffix: string): string[] {
  const { from, to, bytes, events, topics, notes } = plan
  const about = plan.events_estimated ? 'about ' : ''
  const where = suffix === '' ? 'the connector’s own topics' : 'topics beside the connector’s'
  return [
    `From ${from} to ${to}: ${sizeText(bytes)}, ${about}${events} events.`,
    `Into ${where}: ${topics.length === 0 ? 'none' : topics.join(', ')}`,
    ...notes,
  ]
}

export function progressText({ state, plan, progress }: ReplayStatus): string {
  if (plan === null) return 'Looking for the positions …'
  if (progress === null) return `${state} …`
  const rate = progress.bytes_per_second
  const left = rate === 0 ? null : (plan.bytes - progress.bytes) / rate
  return [
    `${progress.percent.toFixed(1)} %`,
    `${sizeText(progress.bytes)} of ${sizeText(plan.bytes)}`,
    progress.position,
    `${progress.records} records`,
    `${progress.records_per_second}/s`,
    ...(left === null ? [] : [`${durationText(left)} left`]),
  ].join(' | ')
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

export function sizeText(bytes: number): string {
  let size = bytes
  let unit = 0
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`
}

export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
