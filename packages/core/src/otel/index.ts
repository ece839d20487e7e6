export { type InstrumentOptions, instrument, type OpenTelemetryApi } from './instrument.ts'
