// As much of xml-crypto as tests use. Its own declarations bring those of browsers; `paths` leads here instead.
export declare class SignedXml {
  constructor(options?: {
    readonly privateKey?: string
    readonly publicCert?: string
    readonly signatureAlgorithm?: string
    readonly canonicalizationAlgorithm?: string
    readonly idMode?: 'wssecurity'
    readonly getCertFromKeyInfo?: () => null
  })
  addReference(reference: {
    readonly xpath: string
    readonly transforms: readonly string[]
    readonly digestAlgorithm: string
  }): void
  computeSignature(
    xml: string,
    options?: {
      readonly prefix?: string
      readonly location?: { readonly reference: string; readonly action: 'append' }
    },
  ): void
  getSignedXml(): string
  loadSignature(xml: string): void
  checkSignature(xml: string): boolean
  getSignedReferences(): readonly string[]
}
