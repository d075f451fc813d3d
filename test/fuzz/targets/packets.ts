/** Packets of a connection, read from the socket in parts that end anywhere. */
import { PacketInbox } from '../../../connectors/mysql-cdc/server/packet-inbox.ts'
import { packet } from '../../unit/connectors/mysql-cdc/server/packets.ts'
import { random } from '../../support/ddl/random.ts'
import { type FuzzTarget, holds } from '../target.ts'

const sizes = [0, 1, 3, 4, 5, 250, 1000, 16_384, 70_000, 200_000] as const
const large = [0xffffff - 1, 0xffffff, 0xffffff + 1, 0xffffff * 2] as const

/** The input is a seed: packets of megabytes would not be printed. */
export const packets: FuzzTarget = {
  name: 'packets',
  input: (numbers) => Buffer.of(...Array.from({ length: 4 }, () => numbers.below(256))),
  read(input) {
    const numbers = random(input.readUInt32LE(0))
    const bodies = Array.from({ length: 1 + numbers.below(30) }, (_, i) =>
      Buffer.alloc(numbers.below(700) === 0 ? numbers.pick(large) : numbers.pick(sizes), i + 1),
    )
    const stream = Buffer.concat(bodies.map(packet))
    const announces = numbers.chance(50)
    const inbox = new PacketInbox(() => (announces ? numbers.pick([0, 0xffffff * 2]) : 0))
    const most = numbers.pick([3, 100, 5000, 65_536, 4_000_000])
    const kept: (readonly [Buffer, number, number])[] = []
    for (let at = 0; at < stream.length; ) {
      const size = Math.max(1 + numbers.below(most), stream.length >> 11)
      inbox.receive(stream.subarray(at, at + size))
      at += size
      while (numbers.chance(80) && inbox.next()) kept.push([inbox.slab.bytes, inbox.from, inbox.to])
    }
    while (inbox.next()) kept.push([inbox.slab.bytes, inbox.from, inbox.to])
    holds(kept.length === bodies.length, `${kept.length} packets instead of ${bodies.length}`)
    holds(inbox.waiting === 0 && !inbox.ready, 'bytes are left')
    // At the end: what was found must stay as it is while more comes.
    kept.forEach(([bytes, from, to], i) => {
      holds((bodies[i] as Buffer).equals(bytes.subarray(from, to)), `packet ${i} is not what was sent`)
    })
  },
}
