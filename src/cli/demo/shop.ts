/** The shop: a table of orders with some thousand rows, and a clerk who goes on changing it. */
import type pg from 'pg'

const customers = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Margaret', 'Tony', 'Frances'] as const
const items = ['espresso beans', 'moka pot', 'grinder', 'scale', 'paper filters', 'kettle', 'cups'] as const
const states = ['new', 'paid', 'packed', 'shipped'] as const

export async function createShop(client: pg.Client, rows: number): Promise<void> {
  await client.query(`
    CREATE TABLE orders (
      id bigserial PRIMARY KEY,
      customer text NOT NULL,
      item text NOT NULL,
      quantity int NOT NULL,
      price numeric(10,2) NOT NULL,
      state text NOT NULL DEFAULT 'new',
      changed timestamptz NOT NULL DEFAULT clock_timestamp()
    )`)
  await client.query(`ALTER TABLE orders REPLICA IDENTITY FULL`)
  await client.query(
    `INSERT INTO orders (customer, item, quantity, price)
     SELECT ($1::text[])[1 + i % $2], ($3::text[])[1 + i % $4], 1 + i % 5, (i * 37 % 9900 + 100) / 100.0
     FROM generate_series(1, $5) i`,
    [customers, customers.length, items, items.length, rows],
  )
}

const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T

/** One change: mostly updates, some inserts, a few deletes. */
export async function changeSomething(client: pg.Client): Promise<void> {
  const dice = Math.random()
  if (dice < 0.35)
    await client.query(`INSERT INTO orders (customer, item, quantity, price) VALUES ($1, $2, $3, $4)`, [
      pick(customers),
      pick(items),
      1 + Math.floor(Math.random() * 5),
      (Math.random() * 99 + 1).toFixed(2),
    ])
  else if (dice < 0.85)
    await client.query(
      `UPDATE orders SET state = $1, quantity = quantity + 1, changed = clock_timestamp()
       WHERE id = (SELECT id FROM orders ORDER BY random() LIMIT 1)`,
      [pick(states)],
    )
  else await client.query(`DELETE FROM orders WHERE id = (SELECT min(id) FROM orders)`)
}

/** A fingerprint of the table that is the same on both sides when, and only when, the rows are. */
export async function fingerprint(
  client: pg.Client,
): Promise<{ readonly rows: number; readonly digest: string }> {
  const { rows } = await client.query<{ rows: string; digest: string }>(
    `SELECT count(*) AS rows, coalesce(md5(string_agg(md5(concat_ws('|', id, customer, item, quantity, price, state)), '' ORDER BY id)), '') AS digest
     FROM orders`,
  )
  return { rows: Number(rows[0]?.rows ?? 0), digest: rows[0]?.digest ?? '' }
}
