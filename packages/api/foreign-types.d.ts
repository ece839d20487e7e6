// What the declarations of graphql-request and soap take for granted and do not bring along. Never part of ours.
type HeadersInit = NonNullable<ConstructorParameters<typeof Headers>[0]>
declare module 'sax' {
  export type SAXStream = NodeJS.ReadWriteStream
}
