// Registers every .json file beside this one under its name:  node register.mjs http://rowtap:8083
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

const worker = process.argv[2]
for (const file of readdirSync(import.meta.dirname).filter((each) => each.endsWith('.json'))) {
  const name = basename(file, '.json')
  const answer = await fetch(`${worker}/connectors/${name}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: readFileSync(`${import.meta.dirname}/${file}`),
  })
  if (!answer.ok) {
    process.stderr.write(`${name}: ${answer.status} ${await answer.text()}\n`)
    process.exit(1)
  }
  process.stdout.write(`${name}: ${answer.status === 201 ? 'created' : 'updated'}\n`)
}
