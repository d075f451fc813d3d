/** What a process has used, by the kernel's counters in /proc. */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Clock ticks a second in /proc/PID/stat. */
const ticks = 100

/** User and system time of all its threads. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / ticks
}

/** Resident memory now, or the most it has ever been. */
export function memoryMiB(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(line?.[1]) / 1024)
}

export interface Throughput {
  readonly rows: number
  /** From the first record in the topic to the last. */
  readonly recordsPerSecond: number
  readonly cpuSecondsPerMillion: number
  readonly peakMiB: number
  /** Resident memory after each tenth of the rows. */
  readonly memoryMiB: readonly number[]
}

/** Watches a worker process until `rows` records are stored behind `before`, by a count that others make. */
export async function watch(
  pid: number,
  rows: number,
  before: number,
  stored: () => Promise<number>,
): Promise<Throughput> {
  const resident: number[] = []
  const cpu = cpuSeconds(pid)
  let count = before
  while ((count = await stored()) === before) await delay(5)
  const [began, first] = [performance.now(), count]
  while (count < before + rows) {
    await delay(10)
    count = await stored()
    while (resident.length < Math.floor(((count - before) / rows) * 10))
      resident.push(memoryMiB(pid, 'VmRSS'))
  }
  const seconds = (performance.now() - began) / 1000
  return {
    rows,
    recordsPerSecond: Math.round((before + rows - first) / seconds),
    cpuSecondsPerMillion: Number((((cpuSeconds(pid) - cpu) / rows) * 1e6).toFixed(2)),
    peakMiB: memoryMiB(pid, 'VmHWM'),
    memoryMiB: resident,
  }
}
