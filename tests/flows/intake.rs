//! What comes in over tables and forms: numbers in every spelling, residents, divisions, times out of bounds.

use std::fs;

use freightpass::rpc::proto;
use freightpass::rpc::proto::application_service_client::ApplicationServiceClient;
use freightpass::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use tonic::Code;

use crate::city::{
    SUZHOU, applications, apply, at, enterprise, fields, form, id_number, list, passes, request_id, row,
};
use crate::server::Server;

/// FP-03 (b).
#[tokio::test]
async fn planned_times_in_milliseconds_are_refused_by_name_and_nothing_is_stored() {
    let server = Server::start().await;
    list(&server, 1).await;
    let mut client = ApplicationServiceClient::new(server.applicant(&enterprise(1)).await);
    let (start, end) = (1_796_054_400_000, 1_796_659_200_000);
    let mut form = form(1, 1, 7);
    (form.planned_start_time, form.planned_end_time) = (at(start), at(end));
    let request = proto::SubmitApplicationRequest { request_id: request_id(), form: Some(form.clone()) };
    let refused = client.submit_application(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(fields(&refused), ["form.planned_start_time", "form.planned_end_time"]);

    let request = proto::BatchSubmitApplicationsRequest { request_id: request_id(), forms: vec![form], dry_run: false };
    let refused = client.batch_submit_applications(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(fields(&refused), ["forms[0].planned_start_time", "forms[0].planned_end_time"]);

    let table = journeys(&server, "planned.csv", &[[&start.to_string(), &end.to_string(), "320583", "330102", ""]]);
    let said = server.verb(&["apply", &table]).await;
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert!(said.out.contains("planned_start_time") && said.out.contains("planned_end_time"), "{said:#?}");
    let chief = server.chief(SUZHOU).await;
    assert_eq!(applications(&chief).await.len(), 0);
    assert_eq!(passes(&chief).await.len(), 0);
}

/// FP-10.
#[tokio::test]
async fn both_spellings_of_x_are_one_person_and_a_second_import_changes_nothing() {
    let server = Server::start().await;
    let rows = [("苏E00001", "33010619880229997X"), ("苏E00002", "33010619880229997x")];
    let table = people(&server, "spellings.csv", &rows);
    let import = ["whitelist", "import", &table, "--as", "CN-3205/chief"];
    let said = server.verb(&import).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    let said = server.verb(&import).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert!(said.out.contains("new 新增 0, changed 变更 0, same 不变 2, refused 拒收 0"), "{said:#?}");

    let mut client = WhitelistServiceClient::new(server.chief(SUZHOU).await);
    for paper_number in ["33010619880229997X", "33010619880229997x"] {
        let filter = proto::EnterpriseFilter { paper_number: paper_number.to_owned(), ..Default::default() };
        let request = proto::ListEnterprisesRequest { filter: Some(filter), ..Default::default() };
        let found = client.list_enterprises(request).await.unwrap().into_inner().enterprises;
        assert_eq!(found.len(), 1, "{paper_number}");
        let enterprise = proto::get_enterprise_request::Enterprise::Number(found[0].number);
        let request = proto::GetEnterpriseRequest { enterprise: Some(enterprise) };
        let whole = client.get_enterprise(request).await.unwrap().into_inner().enterprise.unwrap();
        assert_eq!(whole.people.len(), 1);
        assert_eq!(whole.people[0].paper_number, "*997X");
    }
}

/// FP-12.
#[tokio::test]
async fn residents_numbers_are_accepted_and_their_codes_are_no_places() {
    let server = Server::start().await;
    let rows = [
        ("苏E00001", "830000197810109996"),
        ("苏E00002", "931840198506159992"),
        ("苏E00003", "830000197810109997"),
        ("苏E00004", "931840198506159997"),
    ];
    let table = people(&server, "residents.csv", &rows);
    let said = server.verb(&["whitelist", "import", &table, "--as", "CN-3205/chief"]).await;
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert!(said.out.contains("same 不变 0, refused 拒收 2"), "{said:#?}");
    for line in ["4", "5"] {
        let told = said.out.lines().chain(said.err.lines()).find(|told| told.contains(&format!("line 行 {line}:")));
        assert!(told.is_some_and(|told| told.contains("check_digit")), "line {line}: {said:#?}");
    }

    list(&server, 1).await;
    let mut from_taiwan = form(1, 1, 7);
    from_taiwan.route.as_mut().unwrap().origin = "830000".to_owned();
    let mut client = ApplicationServiceClient::new(server.applicant(&enterprise(1)).await);
    let request = proto::SubmitApplicationRequest { request_id: request_id(), form: Some(from_taiwan) };
    let refused = client.submit_application(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(fields(&refused), ["form.route.origin"]);
}

/// FP-19.
#[tokio::test]
async fn cities_without_counties_and_counties_run_by_a_province_are_places_and_headings_are_not() {
    let server = Server::start().await;
    list(&server, 1).await;
    let mut client = ApplicationServiceClient::new(server.applicant(&enterprise(1)).await);
    // Suzhou may not issue from Dongguan to Xiantao, so that the route leads home; Dongguan's own does in flows/trust.rs.
    let route = |origin: &str, destination: &str, via: &[&str]| proto::Route {
        origin: origin.to_owned(),
        destination: destination.to_owned(),
        via: via.iter().map(|place| (*place).to_owned()).collect(),
    };
    for (origin, destination, via) in
        [("441900", "320583", vec!["429004", "659009"]), ("320583", "429004", vec!["441900", "659009"])]
    {
        let mut form = form(1, 1, 7);
        form.route = Some(route(origin, destination, &via));
        let id = apply(&server, vec![form]).await.remove(0);
        let stored = applications(&server.chief(SUZHOU).await).await.remove(&id).unwrap().form.unwrap();
        let stored = stored.route.unwrap();
        // Codes are stored as passes carry them: without trailing 00 (docs/FORMAT.md, section 1.1).
        let carried = |code: &str| code.strip_suffix("00").unwrap_or(code).to_owned();
        assert_eq!((stored.origin, stored.destination), (carried(origin), carried(destination)));
        assert_eq!(stored.via, via.into_iter().map(carried).collect::<Vec<_>>());
    }
    for (origin, destination, via, field) in [
        ("429000", "320583", "441900", "form.route.origin"),
        ("320583", "429000", "441900", "form.route.destination"),
        ("320583", "441900", "429000", "form.route.via[0]"),
    ] {
        let mut form = form(1, 1, 7);
        form.route = Some(route(origin, destination, &[via]));
        let request = proto::SubmitApplicationRequest { request_id: request_id(), form: Some(form) };
        let refused = client.submit_application(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
        assert_eq!(fields(&refused), [field]);
    }
}

/// A table of the white list: a truck and the ID number of its driver in each row.
fn people(server: &Server, name: &str, rows: &[(&str, &str)]) -> String {
    let row = row(1, 1);
    let mut text =
        "统一社会信用代码,企业名称,联系人,联系电话,重点行业,牵引车号牌,人员1姓名,人员1证件号码,人员1手机号\n"
            .to_owned();
    for (tractor, number) in rows {
        let ours = [&row.enterprise_code, &row.enterprise_name, &row.contact_name, &row.contact_phone, &row.industry];
        let ours = ours.map(String::as_str).join(",");
        text.push_str(&format!("{ours},{tractor},王五,{number},13800000002\n"));
    }
    written(server, name, &text)
}

/// A table of applications of truck 1: start, end, origin, destination, via.
fn journeys(server: &Server, name: &str, rows: &[[&str; 5]]) -> String {
    let mut text = "enterprise code,tractor,crew 1 name,crew 1 paper number,crew 1 mobile,authority,programme,\
                    gross mass kg,cargo category,cargo description,cargo mass kg,planned start,planned end,origin,\
                    destination,via\n"
        .to_owned();
    for row in rows {
        let row = row.join(",");
        let (code, driver) = (enterprise(1), id_number("32058319800101001"));
        text.push_str(&format!("{code},苏E00001,张三,{driver},13800000001,{SUZHOU},1,38000,2,晶圆,12000,{row}\n"));
    }
    written(server, name, &text)
}

fn written(server: &Server, name: &str, text: &str) -> String {
    let path = server.beside(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}
