export { type AxiosFaceOptions, axiosFor } from './axios-for.ts'
