export { createServer, startServer } from './server.ts'
