export { soapFaultFacts } from './face/soap-facts.ts'
export {
  type SoapClient,
  type SoapClientOptions,
  type SoapFace,
  type SoapFaceOptions,
  type SoapResult,
  soapFor,
} from './face/soap-for.ts'
