/** Numbers from a seed, and what they choose between. */

export type Server = 'mysql' | 'mariadb'

export interface Random {
  below(limit: number): number
  pick<T>(items: readonly T[]): T
  chance(percent: number): boolean
}

/** xorshift32 */
export function random(seed: number): Random {
  let state = seed | 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  for (let i = 0; i < 8; i++) next()
  const below = (limit: number) => next() % limit
  return {
    below,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    chance: (percent) => below(100) < percent,
  }
}
