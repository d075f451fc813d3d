/** Several sequences as one: what comes first is taken first, and each is asked for one more while its last is used. */

export async function* merged<T>(sequences: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const ready: { sequence: AsyncGenerator<T>; result: IteratorResult<T> }[] = []
  let failure: { error: unknown } | null = null
  let wake: (() => void) | null = null
  const arrived = () => {
    wake?.()
    wake = null
  }
  const ask = (sequence: AsyncGenerator<T>) => {
    sequence.next().then(
      (result) => {
        ready.push({ sequence, result })
        arrived()
      },
      (error: unknown) => {
        failure ??= { error }
        arrived()
      },
    )
  }
  let running = sequences.length
  for (const sequence of sequences) ask(sequence)
  while (running > 0) {
    const next = ready.shift()
    if (next === undefined) {
      if (failure !== null) throw (failure as { error: unknown }).error
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      continue
    }
    const { sequence, result } = next
    if (result.done === true) running--
    else {
      ask(sequence)
      yield result.value
    }
  }
}
