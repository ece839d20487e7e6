/**
 * Objects of OCSF, in the notation of notation.ts: the attributes that integrations fill, without those of optional profiles and without
 * deprecated ones. Facts from the schema's version 1.8.0; an object that is not here cannot be mapped to.
 */
export const objects: Readonly<Record<string, string>> = {
  metadata: `
    correlation_uid debug:text[] event_code is_truncated:flag labels:text[] log_format log_level log_name log_provider log_source
    log_version logged_time:epoch modified_time:epoch original_event_uid original_time processed_time:epoch product:@product!
    profiles:text[] sequence:integer source tenant_uid transmit_time:epoch type uid untruncated_size:integer version!`,
  product: `
    cpe_name lang name path uid url_string vendor_name version`,
  finding_info: `
    analytic:@analytic attacks:@attack[] created_time:epoch data_sources:text[] desc first_seen_time:epoch
    kill_chain:@kill_chain_phase[] last_seen_time:epoch modified_time:epoch product:@product related_analytics:@analytic[]
    related_events:@related_event[] related_events_count:integer src_url title types:text[] uid! uid_alt`,
  vulnerability: `
    affected_packages:@affected_package[] category cve:@cve cwe:@cwe dependency_chain desc exploit_last_seen_time:epoch
    exploit_ref_url exploit_requirement exploit_type first_seen_time:epoch fix_coverage fix_coverage_id:0|1|2|3|99
    is_exploit_available:flag is_fix_available:flag last_seen_time:epoch references:text[] related_vulnerabilities:text[]
    remediation:@remediation severity title vendor_name`,
  cve: `
    created_time:epoch cvss:@cvss[] desc epss:@epss modified_time:epoch product:@product references:text[] related_cwes:@cwe[]
    title type uid!`,
  cvss: `
    base_score:number! depth metrics:@metric[] overall_score:number severity src_url vector_string vendor_name version!`,
  user: `
    account:@account display_name domain email_addr forward_addr full_name groups:@group[] has_mfa:flag name org:@organization
    phone_number risk_level risk_level_id:0|1|2|3|4|99 risk_score:integer type type_id:0|1|2|3|4|99 uid uid_alt`,
  group: `
    desc domain name privileges:text[] type uid uid_alt`,
  account: `
    is_disabled:flag is_locked:flag is_on_premises_sync_enabled:flag labels:text[] name type
    type_id:0|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|99 uid`,
  actor: `
    app_name app_uid process:@process session:@session user:@user`,
  session: `
    count:integer created_time:epoch credential_uid expiration_reason expiration_time:epoch is_mfa:flag is_remote:flag is_vpn:flag
    issuer terminal uid uid_alt uuid`,
  device: `
    autoscale_uid boot_time:epoch boot_uid created_time:epoch desc domain eid first_seen_time:epoch groups:@group[] hostname
    hypervisor iccid imei_list:text[] instance_uid interface_name interface_uid ip is_backed_up:flag is_compliant:flag
    is_managed:flag is_mobile_account_active:flag is_personal:flag is_shared:flag is_supervised:flag is_trusted:flag
    last_seen_time:epoch location:@location mac mac_vendor meid model modified_time:epoch name org:@organization os:@os
    os_machine_uuid owner:@user pool:@group region risk_level risk_level_id:0|1|2|3|4|99 risk_score:integer subnet subnet_uid type
    type_id:0|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|99! udid uid uid_alt vendor_name vlan_uid vpc_uid zone`,
  os: `
    build country cpe_name cpu_bits:integer edition kernel_release lang name! sp_name sp_ver:integer type
    type_id:0|99|100|101|200|201|300|301|302|400|401|402! version`,
  network_endpoint: `
    domain fingerprints:@fingerprint[] hostname instance_uid interface_name interface_uid intermediate_ips:text[] ip isp isp_org
    location:@location mac mac_vendor name network_scope network_scope_id:0|1|2|99 os:@os owner:@user pool:@group port:integer
    subnet_uid svc_name type type_id:0|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|99 uid vlan_uid vpc_uid zone`,
  location: `
    aerial_height city continent country desc geodetic_altitude geodetic_vertical_accuracy geohash horizontal_accuracy
    is_on_premises:flag lat:number long:number postal_code pressure_altitude provider region`,
  service: `
    labels:text[] name uid version`,
  api: `
    group:@group operation! request:@request response:@response service:@service version`,
  request: `
    data:any flags:text[] uid!`,
  response: `
    code:integer data:any error error_message flags:text[] message`,
  resource_details: `
    created_time:epoch criticality data:any group:@group hostname ip is_backed_up:flag labels:text[] modified_time:epoch name
    namespace owner:@user role role_id:0|1|2|3|4|99 type uid uid_alt version`,
  observable: `
    event_uid name reputation:@reputation type type_id:0|99! type_uid:integer value`,
  http_request: `
    args body_length:integer http_method length:integer referrer uid url:@url user_agent version x_forwarded_for:text[]`,
  http_response: `
    body_length:integer code:integer! content_type latency:integer length:integer message status`,
  url: `
    categories:text[]
    category_ids:0|1|3|4|5|6|7|9|11|14|15|16|17|18|20|21|22|23|24|25|26|27|29|30|31|32|33|34|35|36|37|38|40|43|44|45|46|47|49|50|51|52|53|54|55|56|57|58|59|60|61|63|64|65|66|67|68|71|83|84|85|86|87|88|89|90|92|93|95|96|97|98|99|101|102|103|106|107|108|109|110|111|112|113|114|118|121[]
    domain hostname path port:integer query_string resource_type scheme subdomain url_string`,
  attack: `
    tactic:@tactic technique:@technique version`,
  tactic: `
    name src_url uid`,
  technique: `
    name src_url uid`,
  analytic: `
    algorithm category desc name state state_id:0|1|2|3|99 type type_id:0|1|2|3|4|5|6|7|8|9|10|11|99! uid version`,
  affected_package: `
    architecture cpe_name epoch:integer fixed_in_version hash:@fingerprint license license_url name! package_manager
    package_manager_url path purl release remediation:@remediation src_url type type_id:0|1|2|99 uid vendor_name version!`,
  remediation: `
    desc! references:text[]`,
  enrichment: `
    created_time:epoch data:any! desc name! provider reputation:@reputation short_desc src_url type value!`,
  fingerprint: `
    algorithm algorithm_id:0|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|99! value!`,
  organization: `
    name ou_name ou_uid uid`,
  policy: `
    data:any desc group:@group is_applied:flag name type uid version`,
  ticket: `
    src_url status status_details:text[] status_id:0|1|2|3|4|5|6|7|8|99 title type type_id:0|1|2|99 uid`,
  reputation: `
    base_score:number! provider score score_id:0|1|2|3|4|5|6|7|8|9|10|99!`,
  cwe: `
    caption src_url uid!`,
  epss: `
    created_time:epoch percentile:number score! version`,
  metric: `
    name! value!`,
  related_event: `
    attacks:@attack[] count:integer created_time:epoch desc first_seen_time:epoch kill_chain:@kill_chain_phase[]
    last_seen_time:epoch modified_time:epoch observables:@observable[] product:@product severity severity_id:0|1|2|3|4|5|6|99
    status title type type_name type_uid:integer uid!`,
  auth_factor: `
    device:@device email_addr factor_type factor_type_id:0|1|2|3|4|5|6|7|8|9|10|11|99! is_hotp:flag is_totp:flag phone_number
    provider security_questions:text[]`,
  kill_chain_phase: `
    phase phase_id:0|1|2|3|4|5|6|7|99!`,
  evidences: `
    actor:@actor api:@api data:any device:@device dst_endpoint:@network_endpoint file:@file http_request:@http_request
    http_response:@http_response name process:@process resources:@resource_details[] src_endpoint:@network_endpoint uid url:@url
    user:@user verdict verdict_id:0|1|2|3|4|5|6|7|8|9|10|99`,
  file: `
    accessed_time:epoch accessor:@user attributes:integer company_name confidentiality confidentiality_id:0|1|2|3|4|5|6|99
    created_time:epoch creator:@user desc drive_type drive_type_id:0|1|2|3|4|5|99 ext hashes:@fingerprint[]
    imported_symbols:text[] internal_name is_deleted:flag is_encrypted:flag is_readonly:flag is_system:flag mime_type
    modified_time:epoch modifier:@user name! owner:@user parent_folder path product:@product security_descriptor size:integer type
    type_id:0|1|2|3|4|5|6|7|8|99! uid uri url:@url version volume xattributes:any`,
  process: `
    cmd_line cpid created_time:epoch file:@file integrity integrity_id:0|1|2|3|4|5|6|99 loaded_modules:text[] name
    parent_process:@process path pid:integer ptid:integer sandbox session:@session terminated_time:epoch uid user:@user
    working_directory xattributes:any`,
  malware: `
    classification_ids:0|1|2|3|4|5|6|7|8|9|10|11|13|14|15|16|17|18|19|20|21|22|99[]! classifications:text[] cves:@cve[]
    files:@file[] name num_infected:integer provider severity severity_id:0|1|2|3|4|5|6|99 uid`,
}
