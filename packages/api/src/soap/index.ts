export { soapFaultFacts } from './soap-facts.ts'
export {
  type SoapClient,
  type SoapClientOptions,
  type SoapFace,
  type SoapFaceOptions,
  type SoapResult,
  soapFor,
} from './soap-for.ts'
