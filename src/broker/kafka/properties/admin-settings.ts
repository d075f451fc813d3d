/** What an admin client works by. */
import type { ConnectionOptions } from '../connection-options.ts'
import type { ClientProperties } from './client-properties.ts'
import { connectionSettings } from './connection-settings.ts'
import { PropertyReader } from './property-reader.ts'

/** `clientId`: where no client.id is given. */
export function adminSettings(properties: ClientProperties, clientId: string): ConnectionOptions {
  return readAdminSettings(new PropertyReader('admin', properties), clientId)
}

export function readAdminSettings(reader: PropertyReader, clientId: string): ConnectionOptions {
  return connectionSettings(reader, clientId, reader.integer('default.api.timeout.ms', 60_000))
}
