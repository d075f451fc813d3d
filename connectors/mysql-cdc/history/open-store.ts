/** The store that the configuration names. */
import type { Logger } from '#observe'
import type { SourceContext } from '#plugin'
import { FileHistoryStore } from './file-store.ts'
import { MemoryHistoryStore } from './memory-store.ts'
import type { HistorySettings } from './settings.ts'
import type { HistoryStore } from './store.ts'
import { TopicHistoryStore } from './topic-store.ts'

export function openHistoryStore(
  settings: HistorySettings,
  topicLog: SourceContext['topicLog'],
  log: Logger,
): HistoryStore {
  switch (settings.kind) {
    case 'topic': {
      const { topic, bootstrapServers, producer, consumer } = settings
      const opened = topicLog({ topic, bootstrapServers, producer, consumer })
      return new TopicHistoryStore(topic, opened, log)
    }
    case 'file':
      return new FileHistoryStore(settings.path)
    case 'memory':
      return new MemoryHistoryStore()
  }
}
