export { levelOf, type Logger, logger, loggerNames, release, setLevel } from './log.ts'
export {
  exposition,
  type Metrics,
  type MetricSnapshot,
  registry,
  releaseMetrics,
  snapshot,
  taskMetrics,
} from './metrics.ts'
