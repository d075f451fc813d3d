export type * from './config.ts'
export type * from './plugin.ts'
export type * from './task.ts'
