import { eventClass } from './notation.ts'

/** Attributes of every class, beside those that name the class. */
const everyClass = `
    activity_name category_name class_name count:integer duration:integer end_time:epoch enrichments:@enrichment[] message
    metadata:@metadata! observables:@observable[] raw_data raw_data_hash:@fingerprint raw_data_size:integer severity
    severity_id:0|1|2|3|4|5|6|99! start_time:epoch status status_code status_detail time:epoch! timezone_offset:integer type_name`

/** Detection Finding, class 2004. */
export const detectionFinding = eventClass({
  uid: 2004,
  title: 'Detection Finding',
  activities: [0, 1, 2, 3, 99],
  attributes: `${everyClass}
    comment confidence confidence_id:0|1|2|3|99 confidence_score:integer device:@device evidences:@evidences[] finding_info:@finding_info!
    impact impact_id:0|1|2|3|4|99 impact_score:integer is_alert:flag remediation:@remediation resources:@resource_details[] risk_details
    risk_level risk_level_id:0|1|2|3|4|99 risk_score:integer status_id:0|1|2|3|4|5|6|99 vulnerabilities:@vulnerability[]`,
})

/** Vulnerability Finding, class 2002. */
export const vulnerabilityFinding = eventClass({
  uid: 2002,
  title: 'Vulnerability Finding',
  activities: [0, 1, 2, 3, 99],
  attributes: `${everyClass}
    comment confidence confidence_id:0|1|2|3|99 confidence_score:integer device:@device finding_info:@finding_info!
    resources:@resource_details[] status_id:0|1|2|3|4|5|6|99 vulnerabilities:@vulnerability[]!`,
})

/** Authentication, class 3002. */
export const authentication = eventClass({
  uid: 3002,
  title: 'Authentication',
  activities: [0, 1, 2, 3, 4, 5, 6, 7, 99],
  anyOf: ['service', 'dst_endpoint'],
  attributes: `${everyClass}
    account_switch_type account_switch_type_id:0|1|2|99 actor:@actor auth_factors:@auth_factor[] auth_protocol
    auth_protocol_id:0|1|2|3|4|5|6|7|8|9|10|11|12|99 dst_endpoint:@network_endpoint http_request:@http_request
    http_response:@http_response is_cleartext:flag is_mfa:flag is_new_logon:flag is_remote:flag logon_type
    logon_type_id:0|1|2|3|4|5|7|8|9|10|11|12|13|99 service:@service session:@session src_endpoint:@network_endpoint
    status_id:0|1|2|99 user:@user!`,
})

/** Account Change, class 3001. */
export const accountChange = eventClass({
  uid: 3001,
  title: 'Account Change',
  activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99],
  attributes: `${everyClass}
    actor:@actor auth_factors:@auth_factor[] http_request:@http_request http_response:@http_response policies:@policy[]
    src_endpoint:@network_endpoint status_id:0|1|2|99 user:@user! user_result:@user`,
})

/** API Activity, class 6003. */
export const apiActivity = eventClass({
  uid: 6003,
  title: 'API Activity',
  activities: [0, 1, 2, 3, 4, 99],
  attributes: `${everyClass}
    actor:@actor! api:@api! dst_endpoint:@network_endpoint http_request:@http_request http_response:@http_response
    resources:@resource_details[] src_endpoint:@network_endpoint! status_id:0|1|2|99`,
})

/** Incident Finding, class 2005. */
export const incidentFinding = eventClass({
  uid: 2005,
  title: 'Incident Finding',
  activities: [0, 1, 2, 3, 99],
  anyOf: ['assignee', 'assignee_group'],
  attributes: `${everyClass}
    assignee:@user assignee_group:@group attacks:@attack[] comment confidence confidence_id:0|1|2|3|99 confidence_score:integer
    desc finding_info_list:@finding_info[]! impact impact_id:0|1|2|3|4|99 impact_score:integer is_suspected_breach:flag priority
    priority_id:0|1|2|3|4|99 src_url status_id:0|1|2|3|4|5|99! tickets:@ticket[] verdict verdict_id:0|1|2|3|4|5|6|7|8|9|10|99`,
})

/** Device Inventory Info, class 5001. */
export const deviceInventory = eventClass({
  uid: 5001,
  title: 'Device Inventory Info',
  activities: [0, 1, 2, 99],
  attributes: `${everyClass}
    actor:@actor device:@device! status_id:0|1|2|99`,
})
