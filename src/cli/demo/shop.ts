/** The shop: a table of orders with some thousand rows, and a clerk who goes on changing it. */
import type { SqlClient } from '#sql'

const customers = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Margaret', 'Tony', 'Frances'] as const
const items = ['espresso beans', 'moka pot', 'grinder', 'scale', 'paper filters', 'kettle', 'cups'] as const
const states = ['new', 'paid', 'packed', 'shipped'] as const

const rowsPerInsert = 1000

export async function createShop(client: SqlClient, rows: number): Promise<void> {
  const isPostgres = client.engine === 'postgres'
  await client.query(`
    CREATE TABLE orders (
      id ${isPostgres ? 'bigserial' : 'bigint AUTO_INCREMENT'} PRIMARY KEY,
      customer varchar(40) NOT NULL,
      item varchar(40) NOT NULL,
      quantity int NOT NULL,
      price numeric(10,2) NOT NULL,
      state varchar(20) NOT NULL DEFAULT 'new',
      changed timestamp(6) NOT NULL DEFAULT current_timestamp(6)
    )`)
  if (isPostgres) await client.query('ALTER TABLE orders REPLICA IDENTITY FULL')
  for (let from = 1; from <= rows; from += rowsPerInsert) {
    const count = Math.min(rowsPerInsert, rows - from + 1)
    const orders = Array.from({ length: count }, (_, each) => {
      const i = from + each
      const [customer, item] = [customers[i % customers.length], items[i % items.length]]
      return `('${customer}', '${item}', ${1 + (i % 5)}, ${((i * 37) % 9900) / 100 + 1})`
    })
    await insert(client, orders)
  }
}

function insert(client: SqlClient, orders: readonly string[]): Promise<unknown> {
  return client.query(`INSERT INTO orders (customer, item, quantity, price) VALUES ${orders.join(', ')}`)
}

const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T

/** One change: mostly updates, some inserts, a few deletes. */
export async function changeSomething(client: SqlClient): Promise<void> {
  const { rows } = await client.query('SELECT min(id), max(id) FROM orders')
  const [first, last] = [Number(rows[0]?.[0]), Number(rows[0]?.[1])]
  const dice = Math.random()
  if (dice < 0.35 || first === 0) {
    const [quantity, price] = [1 + Math.floor(Math.random() * 5), (Math.random() * 99 + 1).toFixed(2)]
    await insert(client, [`('${pick(customers)}', '${pick(items)}', ${quantity}, ${price})`])
  } else if (dice < 0.85) {
    const some = first + Math.floor(Math.random() * (last - first + 1))
    const found = await client.query(`SELECT id FROM orders WHERE id >= ${some} ORDER BY id LIMIT 1`)
    await client.query(
      `UPDATE orders SET state = '${pick(states)}', quantity = quantity + 1, changed = current_timestamp(6)
       WHERE id = ${String(found.rows[0]?.[0] ?? last)}`,
    )
  } else await client.query(`DELETE FROM orders WHERE id = ${first}`)
}

/** How many rows there are; 0 where the table is not made yet. */
export async function countOrders(client: SqlClient): Promise<number> {
  if ((await client.table({ schema: null, table: 'orders' })) === null) return 0
  const { rows } = await client.query('SELECT count(*) FROM orders')
  return Number(rows[0]?.[0])
}

const digests = {
  postgres: (row: string) => `md5(string_agg(md5(${row}), '' ORDER BY id))`,
  mysql: (row: string) => `bit_xor(CAST(conv(left(sha2(${row}, 256), 16), 16, 10) AS unsigned))`,
}

/** A fingerprint of the table that is the same on both sides when, and only when, the rows are. */
export async function fingerprint(
  client: SqlClient,
): Promise<{ readonly rows: number; readonly digest: string }> {
  const digest = digests[client.engine === 'postgres' ? 'postgres' : 'mysql']
  const row = `concat_ws('|', id, customer, item, quantity, price, state)`
  const [count, text] = (await client.query(`SELECT count(*), ${digest(row)} FROM orders`)).rows[0] ?? []
  return { rows: Number(count), digest: `${String(count)} ${String(text)}` }
}
