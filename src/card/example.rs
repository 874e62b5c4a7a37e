//! Faces for the tests of this room: an ordinary one, and the longest that there can be.

use super::qr::{self, QrMatrix};
use super::{CardFace, CardLabels, Crew, Words};
use crate::messages::{self, Language};

/// A code of the usual length.
pub fn code() -> QrMatrix {
    qr::encode(&format!("FP1:{}", "7K".repeat(204))).unwrap()
}

fn words(id: &str) -> Words {
    let told = |language| messages::card(language, id).unwrap_or_else(|| panic!("no words for {id}"));
    Words::new(told(Language::Zh), told(Language::En))
}

fn person(name: &str, role: &str) -> Crew {
    Crew { name: name.into(), tail: "123X".into(), role: words(role) }
}

/// A truck with its trailer, and the names of FP-36.
pub fn typical() -> CardFace {
    CardFace {
        title: words("title"),
        authority: "苏州市".into(),
        authority_code: "CN-3205".into(),
        programme: "2022年疫情防控重点物资运输保障".into(),
        number: "320500-220418-00042-0".into(),
        tractor: "苏E12345".into(),
        trailer: Some("苏E1234挂".into()),
        crew: vec![person("王䶮", "driver-role"), person("李𬭎", "relief"), person("阿依努尔·测试", "passenger")],
        route: ["苏州市昆山市", "安徽省", "湖北省仙桃市"].map(String::from).to_vec(),
        enterprise: Some("91320509MAW373039Y".into()),
        cargo: Words::new("医疗物资 (重载)", "Medical supplies (loaded)"),
        valid_from: "2022-04-18 08:00".into(),
        valid_until: "2022-04-21 18:00".into(),
        zone: "北京时间 UTC+8".into(),
        for_officer: words("officer"),
        for_driver: words("driver"),
        labels: CardLabels::told(words),
    }
}

/// The longest texts that a pass and its lists give a card.
pub fn longest() -> CardFace {
    CardFace {
        authority: "巴音郭楞蒙古自治州统筹疫情防控和经济社会发展工作领导小组货运物流保通保畅专项工作办公室".into(),
        authority_code: "CN-6528".into(),
        programme: "新疆维吾尔自治区2022年度防汛抗洪抢险救灾与生活必需品运输保障绿色通道专项行动（第二阶段）".into(),
        number: "16652800-220418-16777215-0".into(),
        tractor: "新MD12345F".into(),
        trailer: Some("新M1234挂".into()),
        // The last has 60 bytes, the most that a pass holds.
        crew: vec![
            person("阿依努尔·买买提江·阿卜杜热合曼", "driver-role"),
            person("李𬭎", "relief"),
            person("努尔比亚·阿不都克里木·麦麦提敏·吐尔逊", "passenger"),
        ],
        route: ["巴音郭楞蒙古自治州", "克孜勒苏柯尔克孜自治州", "博尔塔拉蒙古自治州", "黔西南布依族苗族自治州"]
            .into_iter()
            .cycle()
            .take(10)
            .map(String::from)
            .collect(),
        cargo: Words::new(
            "医疗物资（检测试剂、疫苗、重点药品）",
            "Medical supplies (test reagents, vaccines, key drugs)",
        ),
        ..typical()
    }
}
