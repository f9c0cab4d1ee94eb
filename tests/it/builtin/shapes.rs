//! The attributes of the built-in providers' types, as the documentation of the real ones has them.

use expect_test::expect;

use ravelin::{
    base::{Mode, Shape, shape::Attr},
    schema::{self, Major},
};

/// One attribute: `!` has to be set, `?` may be, `<` is computed, `#` forces a replacement, `*` is kept out of sight; then the default.
fn marks(name: &str, attr: &Attr) -> String {
    let set = match (attr.required, attr.optional) {
        (true, _) => "!",
        (_, true) => "?",
        _ => "",
    };
    let flag = |on: bool, mark: &'static str| if on { mark } else { "" };
    let default = attr.default.as_ref().map(|d| format!("={d}")).unwrap_or_default();
    format!("{name}{set}{}{}{}{default}", flag(attr.computed, "<"), flag(attr.force_new, "#"), flag(attr.sensitive, "*"))
}

fn line(shape: &Shape) -> String {
    let attrs = shape.attrs.iter().map(|(name, attr)| marks(name, attr));
    let blocks = shape.blocks.iter().map(|(name, nested)| format!("{name} {{ {} }}", line(&nested.shape)));
    attrs.chain(blocks).collect::<Vec<_>>().join(" ")
}

fn shown(mode: Mode) -> String {
    let kinds = schema::kinds(mode).into_iter().filter(|kind| !kind.starts_with("azurerm_"));
    kinds.map(|kind| format!("{kind}: {}\n", line(&schema::find(mode, kind, Major::V5).unwrap().shape))).collect()
}

#[test]
fn resources_have_the_attributes_of_the_real_providers() {
    expect![[r#"
        cloudinit_config: base64_encode?<#=true boundary?<#="MIMEBOUNDARY" gzip?<#=true id< rendered< part { content!# content_type?#="text/plain" filename?# merge_type?# }
        local_file: content?# content_base64?# content_base64sha256< content_base64sha512< content_md5< content_sha1< content_sha256< content_sha512< directory_permission?<#="0777" file_permission?<#="0777" filename!# id< sensitive_content?#* source?#
        local_sensitive_file: content?#* content_base64?#* content_base64sha256< content_base64sha512< content_md5< content_sha1< content_sha256< content_sha512< directory_permission?<#="0700" file_permission?<#="0700" filename!# id< source?#
        null_resource: id< triggers?#
        random_bytes: base64<* hex<* id< keepers? length!#
        random_id: b64_std< b64_url< byte_length!# dec< hex< id< keepers? prefix?#
        random_integer: id< keepers? max!# min!# result< seed?#
        random_password: bcrypt_hash<* id< keepers? length!# lower?<#=true min_lower?<#=0 min_numeric?<#=0 min_special?<#=0 min_upper?<#=0 number?<#=true numeric?<#=true override_special?# result<* special?<#=true upper?<#=true
        random_pet: id< keepers? length?<#=2 prefix?# separator?<#="-"
        random_shuffle: id< input!# keepers? result< result_count?# seed?#
        random_string: id< keepers? length!# lower?<#=true min_lower?<#=0 min_numeric?<#=0 min_special?<#=0 min_upper?<#=0 number?<#=true numeric?<#=true override_special?# result< special?<#=true upper?<#=true
        random_uuid: id< keepers? result<
        random_uuid4: id< keepers? result<
        random_uuid7: id< keepers? result<
        terraform_data: id< input? output< triggers_replace?
        time_offset: base_rfc3339?< day< hour< id< minute< month< offset_days? offset_hours? offset_minutes? offset_months? offset_seconds? offset_years? rfc3339< second< triggers?# unix< year<
        time_rotating: day< hour< id< minute< month< rfc3339?<# rotation_days? rotation_hours? rotation_minutes? rotation_months? rotation_rfc3339?< rotation_years? second< triggers?# unix< year<
        time_sleep: create_duration? destroy_duration? id< triggers?#
        time_static: day< hour< id< minute< month< rfc3339?<# second< triggers?# unix< year<
        tls_cert_request: cert_request_pem< dns_names?# id< ip_addresses?# key_algorithm< private_key_pem!#* uris?# subject { common_name?# country?# locality?# organization?# organizational_unit?# postal_code?# province?# serial_number?# street_address?# }
        tls_locally_signed_cert: allowed_uses!# ca_cert_pem!# ca_key_algorithm< ca_private_key_pem!#* cert_pem< cert_request_pem!# early_renewal_hours?<=0 id< is_ca_certificate?<#=false max_path_length?# name_constraint_excluded_dns_names?# name_constraint_permitted_dns_names?# name_constraint_permitted_dns_names_critical?# ready_for_renewal< set_subject_key_id?<#=false validity_end_time< validity_period_hours!# validity_start_time<
        tls_private_key: algorithm!# ecdsa_curve?<#="P224" id< private_key_openssh<* private_key_pem<* private_key_pem_pkcs8<* public_key_fingerprint_md5< public_key_fingerprint_sha256< public_key_openssh< public_key_pem< rsa_bits?<#=2048
        tls_self_signed_cert: allowed_uses!# cert_pem< dns_names?# early_renewal_hours?<=0 id< ip_addresses?# is_ca_certificate?<#=false key_algorithm< max_path_length?# name_constraint_excluded_dns_names?# name_constraint_permitted_dns_names?# name_constraint_permitted_dns_names_critical?# private_key_pem!#* ready_for_renewal< set_authority_key_id?<#=false set_subject_key_id?<#=false uris?# validity_end_time< validity_period_hours!# validity_start_time< subject { common_name?# country?# locality?# organization?# organizational_unit?# postal_code?# province?# serial_number?# street_address?# }
    "#]].assert_eq(&shown(Mode::Managed));
}

#[test]
fn data_sources_have_the_attributes_of_the_real_providers() {
    expect![[r#"
        cloudinit_config: base64_encode?< boundary?< gzip?< id< rendered< part { content! content_type?< filename? merge_type? }
        external: id< program! query? result< working_dir?
        http: body< ca_cert_pem? id< insecure? method? request_body? request_headers? request_timeout_ms? response_body< response_body_base64< response_headers< status_code< url! retry { attempts? max_delay_ms? min_delay_ms? }
        local_file: content< content_base64< content_base64sha256< content_base64sha512< content_md5< content_sha1< content_sha256< content_sha512< filename! id<
        local_sensitive_file: content<* content_base64<* content_base64sha256< content_base64sha512< content_md5< content_sha1< content_sha256< content_sha512< filename! id<
        null_data_source: has_computed_default?< id< inputs? outputs< random<
        template_cloudinit_config: base64_encode?< boundary?< gzip?< id< rendered< part { content! content_type?< filename? merge_type? }
        template_file: filename? id< rendered< template? vars?
        terraform_remote_state: backend! config? defaults? outputs< workspace?
        tls_certificate: certificates< content? id< url? verify_chain?
        tls_public_key: algorithm< id< private_key_openssh?* private_key_pem?* public_key_fingerprint_md5< public_key_fingerprint_sha256< public_key_openssh< public_key_pem<
    "#]].assert_eq(&shown(Mode::Data));
}

#[test]
fn ephemeral_resources_have_the_attributes_of_the_real_providers() {
    expect![[r#"
        random_password: bcrypt_hash<* length! lower?< min_lower?< min_numeric?< min_special?< min_upper?< numeric?< override_special? result<* special?< upper?<
        tls_private_key: algorithm! ecdsa_curve?< private_key_openssh<* private_key_pem<* private_key_pem_pkcs8<* public_key_fingerprint_md5< public_key_fingerprint_sha256< public_key_openssh< public_key_pem< rsa_bits?<
        tls_public_key: algorithm< private_key_openssh?* private_key_pem?* public_key_fingerprint_md5< public_key_fingerprint_sha256< public_key_openssh< public_key_pem<
    "#]].assert_eq(&shown(Mode::Ephemeral));
}
