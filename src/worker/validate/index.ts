export { validateConnector } from './connector.ts'
