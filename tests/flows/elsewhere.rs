//! Another country, another emergency: the profile `generic`, with divisions of ISO 3166-2, free plates and numbers.

use ed25519_dalek::SigningKey;
use freightpass::rpc::proto;
use freightpass::rpc::proto::application_service_client::ApplicationServiceClient;
use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;
use freightpass::rpc::proto::check_pass_request::Pass as Asked;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use freightpass::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use freightpass::trust::{Cost, write_key};
use freightpass_core::division::Division;
use freightpass_core::pass::{Enterprise, UnverifiedPass, decode_text};
use freightpass_core::trust::{Authority, Level, ListedKey};

use crate::city::{SUZHOU, fields, form, request_id, row};
use crate::server::Server;
use crate::trust::{install, next_list, passphrase};

const BAVARIA: &str = "DE-BY";
const ENTERPRISE: &str = "HRB12345";
const DRIVER: &str = "T22000129";

#[tokio::test]
async fn a_flood_in_bavaria_is_served_from_the_list_to_the_verdict() {
    let mut server = Server::start_with(&[("FREIGHTPASS__PROFILE", "generic".to_owned())]).await;
    let key = SigningKey::from_bytes(&[0x49; 32]);
    write_key(&server.data().join("keys"), BAVARIA, &key, &passphrase(&server), Cost::Machine).unwrap();
    let next = next_list(&server, |list| {
        let like = list.authorities.iter().find(|authority| authority.code == SUZHOU).unwrap();
        let key = ListedKey { key: key.verifying_key().to_bytes(), compromised: false, ..like.keys[0] };
        let bavaria = Authority {
            code: BAVARIA.to_owned(),
            number: 9,
            name: "Freistaat Bayern".to_owned(),
            level: Level::Province,
            division: Some(Division::Text(BAVARIA.to_owned())),
            programmes: like.programmes.clone(),
            keys: vec![key],
        };
        list.authorities.push(bavaria);
    })
    .await;
    install(&server, next).await;

    let chief = server.chief(BAVARIA).await;
    let mut listed = row(1, 1);
    listed.enterprise_code = ENTERPRISE.to_owned();
    listed.enterprise_name = "Müller Spedition GmbH".to_owned();
    listed.contact_name = "Jürgen Müller".to_owned();
    listed.contact_phone = "+49 89 1234567".to_owned();
    listed.tractor = "M-FP 1234".to_owned();
    listed.crew[0].name = "Zoë O'Brien".to_owned();
    listed.crew[0].paper_number = DRIVER.to_owned();
    listed.crew[0].mobile = "+49 151 23456789".to_owned();
    let request = proto::ImportEntriesRequest { request_id: request_id(), rows: vec![listed], dry_run: false };
    let imported = WhitelistServiceClient::new(chief.clone()).import_entries(request).await.unwrap().into_inner();
    assert_eq!(imported.new_count, 1, "{imported:?}");

    let mut form = form(1, 1, 2);
    form.authority = BAVARIA.to_owned();
    form.enterprise_code = ENTERPRISE.to_owned();
    form.tractor = "M FP-1234".to_owned();
    form.crew[0].name = "Zoë O'Brien".to_owned();
    form.crew[0].paper_number = DRIVER.to_owned();
    form.crew[0].mobile = "+4915123456789".to_owned();
    let route = |origin: &str| {
        Some(proto::Route { origin: origin.to_owned(), destination: "AT-7".to_owned(), via: vec!["DE-BW".to_owned()] })
    };
    let mut applicant = ApplicationServiceClient::new(server.applicant(ENTERPRISE).await);
    form.route = route("320583");
    let request = proto::SubmitApplicationRequest { request_id: request_id(), form: Some(form.clone()) };
    let refused = applicant.submit_application(request).await.unwrap_err();
    assert_eq!(fields(&refused), ["form.route.origin"], "{refused:?}");
    form.route = route("de-by");
    let request = proto::SubmitApplicationRequest { request_id: request_id(), form: Some(form) };
    let applied = applicant.submit_application(request).await.unwrap().into_inner().application.unwrap();
    let request = proto::ApproveApplicationRequest {
        request_id: request_id(),
        application_id: applied.application_id,
        ..Default::default()
    };
    let approved = ApprovalServiceClient::new(chief).approve_application(request).await.unwrap().into_inner();
    let pass = approved.pass.unwrap();
    assert!(pass.number.starts_with("000009-"), "{}", pass.number);

    // No form of GB 32100: the pass names the enterprise by its number on the white list.
    let bytes = decode_text(&pass.text).unwrap();
    let unverified = UnverifiedPass::read(&bytes).unwrap();
    let claims = unverified.unverified_claims().unwrap();
    assert!(matches!(claims.subject.enterprise, Some(Enterprise::Number(_))), "{:?}", claims.subject.enterprise);

    let mut checkpoint = CheckpointServiceClient::new(server.public().await);
    for (place, plate, code) in [
        ("DE-BY", "m-fp1234", "admit"),
        ("DE-BW", "", "admit"),
        ("AT-7", "", "admit"),
        ("FR-75", "", "off_route"),
        ("DE-BY", "M-FP 1235", "plate_mismatch"),
    ] {
        let request = proto::CheckPassRequest {
            pass: Some(Asked::Text(pass.text.clone())),
            county: place.to_owned(),
            plate: plate.to_owned(),
        };
        let verdict = checkpoint.check_pass(request).await.unwrap().into_inner().verdict.unwrap();
        assert_eq!(verdict.code, code, "{place} {plate}: {verdict:?}");
    }
    assert_eq!(server.stop().await, Some(0));
}
