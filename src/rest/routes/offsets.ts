/** `/connectors/{c}/offsets`: read, alter and reset. Offsets keep their exact numbers, so their JSON is made here. */
import { type ConnectorOffset, type Herder, jsonText } from '#worker'
import { readOffsets } from '../body.ts'
import { type Answer, ok, type Resource } from '../resource.ts'
import { offsetInStoredOrder } from '../stored-order.ts'

function offsetsAnswer(offsets: readonly ConnectorOffset[]): Answer {
  const body = jsonText({ offsets: offsets.map((each) => ({ ...offsetInStoredOrder(each) })) })
  return { status: 200, text: { type: 'application/json', body } }
}

export function offsetResources(herder: Herder): Resource[] {
  return [
    {
      path: '/connectors/:connector/offsets',
      methods: {
        GET: async (exchange) => offsetsAnswer(await herder.offsets(exchange.param('connector'))),
        PATCH: async (exchange) => {
          const offsets = readOffsets(exchange.body())
          return ok({ message: await herder.alterOffsets(exchange.param('connector'), offsets) })
        },
        DELETE: async (exchange) => ok({ message: await herder.resetOffsets(exchange.param('connector')) }),
      },
    },
  ]
}
