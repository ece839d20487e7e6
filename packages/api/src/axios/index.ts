export { adoptAxios } from './adopt-axios.ts'
export { type AxiosFaceOptions, axiosFor } from './axios-for.ts'
