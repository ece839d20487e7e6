/** A description with one operation, `GetRecord`. */
export function recordsWsdl(address: string): string {
  const field = (name: string, type: string): string => `<xsd:element name="${name}" type="xsd:${type}"/>`
  return `<?xml version="1.0"?>
<definitions name="Records" targetNamespace="urn:bench" xmlns="http://schemas.xmlsoap.org/wsdl/"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:tns="urn:bench" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <types><xsd:schema targetNamespace="urn:bench" elementFormDefault="qualified">
    <xsd:element name="GetRecord"><xsd:complexType><xsd:sequence>${field('id', 'string')}</xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="GetRecordResponse"><xsd:complexType><xsd:sequence>
      ${field('id', 'string')}${field('name', 'string')}${field('count', 'int')}${field('filler', 'string')}
    </xsd:sequence></xsd:complexType></xsd:element>
  </xsd:schema></types>
  <message name="In"><part name="parameters" element="tns:GetRecord"/></message>
  <message name="Out"><part name="parameters" element="tns:GetRecordResponse"/></message>
  <portType name="Port"><operation name="GetRecord"><input message="tns:In"/><output message="tns:Out"/></operation></portType>
  <binding name="Binding" type="tns:Port"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="GetRecord"><soap:operation soapAction="urn:get"/><input><soap:body use="literal"/></input>
      <output><soap:body use="literal"/></output></operation></binding>
  <service name="Records"><port name="Port" binding="tns:Binding"><soap:address location="${address}"/></port></service>
</definitions>`
}
