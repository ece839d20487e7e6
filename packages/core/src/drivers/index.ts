export { loadDriver } from './load-driver.ts'
