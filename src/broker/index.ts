export type * from './broker.ts'
