export * from './herder.ts'
