//! Errors: every body shape that Azure's services use, what is shown of them, and the diagnostic they become.

use std::fmt::Write;

use expect_test::expect;
use ravelin::azure::{ArmError, Detail, ErrorKind};

#[test]
fn every_shape_is_read() {
    let bodies: &[(u16, &str)] = &[
        (404, r#"{"error":{"code":"ResourceNotFound","message":"The Resource 'X' was not found."}}"#),
        (
            429,
            r#"{"error":{"code":"RetryableError","message":"A retryable error occurred.","details":[{"code":"ReferencedResourceNotProvisioned","message":"Cannot proceed."}]}}"#,
        ),
        (400, r#"{"code":"InvalidParameter","details":null,"message":"The value is invalid.","subcode":"","target":"networkProfile.serviceCIDR"}"#),
        (404, r#"{"code":"NotFound","details":[{"code":"Unspecified","message":"rpc error"}],"message":"The entity was not found.","subcode":"x"}"#),
        (400, r#"{"Code":"BadRequest","Message":"Capitalised."}"#),
        (400, r#"{"Message":"Only a message."}"#),
        (401, r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#),
        (403, r#"{"odata.error":{"code":"Authorization_RequestDenied","message":{"lang":"en","value":"Insufficient privileges."}}}"#),
        (
            409,
            r#"{"error":{"code":"DeploymentFailed","message":"At least one failed.","details":[{"code":"Conflict","message":"outer","details":[{"code":"Inner","message":"inner","target":"t"}]}]}}"#,
        ),
        (400, r#"{"error":{"code":"Wrapped","message":"{\"error\":{\"code\":\"Real\",\"message\":\"The real reason.\"}}"}}"#),
        (400, r#"{"error":{"code":null,"message":null,"details":[]}}"#),
        (502, "<html>\n<head><title>502</title></head><body>Bad   Gateway</body></html>"),
        (500, ""),
        (400, r#""just text""#),
        (412, "[]"),
    ];
    let mut out = String::new();
    for (status, body) in bodies {
        let error = ArmError::refused("PUT /x", *status, body.as_bytes());
        writeln!(out, "{:?}: {error}", error.kind).unwrap();
    }
    expect![[r#"
        NotFound: PUT /x: 404 ResourceNotFound: The Resource 'X' was not found.
        Throttled: PUT /x: 429 RetryableError: A retryable error occurred.; ReferencedResourceNotProvisioned: Cannot proceed.
        Invalid: PUT /x: 400 InvalidParameter: The value is invalid.
        NotFound: PUT /x: 404 NotFound: The entity was not found.; Unspecified: rpc error
        Invalid: PUT /x: 400 BadRequest: Capitalised.
        Invalid: PUT /x: 400: Only a message.
        Auth: PUT /x: 401 invalid_client: AADSTS7000215: Invalid client secret provided.
        Forbidden: PUT /x: 403 Authorization_RequestDenied: Insufficient privileges.
        Conflict: PUT /x: 409 DeploymentFailed: At least one failed.; Conflict: outer; Inner: inner
        Invalid: PUT /x: 400 Real: The real reason.
        Invalid: PUT /x: 400: The answer was 400 without an explanation.
        Service: PUT /x: 502: 502 Bad Gateway
        Service: PUT /x: 500: The answer was 500 without an explanation.
        Invalid: PUT /x: 400: just text
        Precondition: PUT /x: 412: The answer was 412 without an explanation.
    "#]]
    .assert_eq(&out);
}

#[test]
fn a_failed_operation_is_read_wherever_its_error_stands() {
    let mut out = String::new();
    for body in [
        r#"{"status":"Failed","error":{"code":"A","message":"m"}}"#,
        r#"{"status":"Failed","properties":{"error":{"code":"B","message":"m"}}}"#,
        r#"{"status":"Failed","error":null}"#,
    ] {
        writeln!(out, "{}", ArmError::failed("PUT /x", "Failed", &serde_json::from_str(body).unwrap())).unwrap();
    }
    expect![[r#"
        PUT /x: A: m
        PUT /x: B: m
        PUT /x: The operation ended as Failed without an explanation.
    "#]]
    .assert_eq(&out);
}

#[test]
fn the_summary_is_constant_and_the_detail_specific() {
    let mut error = ArmError::refused("PUT /x", 400, br#"{"code":"InvalidParameter","message":"The value is invalid.","target":"networkProfile.serviceCIDR"}"#);
    error.0.request_id = Some("2b1f".into());
    let d = error.diagnostic();
    expect![[r#"
        Azure refused the request [azure-invalid]
        PUT /x: 400 InvalidParameter: The value is invalid.
        Target: networkProfile.serviceCIDR
        Request id: 2b1f
        hint: None"#]]
    .assert_eq(&format!("{} [{}]\n{}\nhint: {:?}", d.summary, d.code, d.detail, d.hint));
    let d = ArmError::new(ErrorKind::Timeout, "PUT /x", "Not finished.").diagnostic();
    expect![[r#"
        Azure did not finish in time [azure-timeout]
        PUT /x: Not finished.
        hint: Some("The operation may still be running; plan again to see its outcome.")"#]]
    .assert_eq(&format!("{} [{}]\n{}\nhint: {:?}", d.summary, d.code, d.detail, d.hint));
    let mut error = ArmError::new(ErrorKind::Auth, "getting an access token", "The client secret was refused.");
    for (way, why) in [("client secret", "AADSTS7000215"), ("Azure CLI", "not tried")] {
        error.0.details.push(Detail { code: way.into(), message: why.into(), target: None });
    }
    expect![[r#"
        Getting an access token: The client secret was refused.
          - client secret: AADSTS7000215
          - Azure CLI: not tried"#]]
    .assert_eq(&error.diagnostic().detail);
}
