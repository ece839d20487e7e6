export { wsdlReader } from '../../discovery/wsdl/wsdl-reader.ts'
export type { IncomingAttachment } from './attachments/incoming-message.ts'
export { attachment, SoapAttachment } from './attachments/soap-attachment.ts'
export { type SoapConfig, soapConfig } from './config.ts'
export {
  type DeclaredSoap,
  readSchemas,
  type SoapDefinition,
  type SoapReading,
  type SoapSending,
  soapAnswer,
  soapDefinition,
  soapRequest,
  type WrittenSoap,
} from './declared.ts'
export type {
  SoapDescription,
  SoapHeader,
  SoapMessage,
  SoapOperation,
  SoapPort,
} from './description/description-model.ts'
export { describeWsdlText, type WsdlText, type WsdlUrl } from './description/index.ts'
export { soapFaultFacts } from './face/soap-facts.ts'
export {
  type SoapClient,
  type SoapClientOptions,
  type SoapFace,
  type SoapFaceOptions,
  type SoapResult,
  soapFor,
} from './face/soap-for.ts'
export type {
  AttachmentReference,
  InvokeInput,
  InvokeMethod,
  SoapReply,
  StreamedSoapReply,
} from './invoke-input.ts'
export { FaultDetail, SoapFault, soapFaultOf } from './message/fault-detail.ts'
export { readWsdl } from './read-wsdl.ts'
export type { AnyXml } from './schema/any-xml.ts'
export { type WsSecurityConfig, wsSecurity } from './security/ws-security.ts'
export { soap } from './soap.ts'
export type { SoapServiceClient } from './soap-client.ts'
export { type ServiceTypes, type TypedCall, typedCalls } from './typed-calls.ts'
export { typesOfWsdl } from './types/types-of-wsdl.ts'
