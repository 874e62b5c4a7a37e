//! Key industries of enterprises and categories of cargo: one numbering, the same as claim 6 of a pass's body.

use serde::{Deserialize, Serialize};

/// What an enterprise makes, or what a truck carries. Numbers 13 to 254 are free for later; 0 is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Automobiles and their parts.
    Automobiles,
    /// Integrated circuits.
    IntegratedCircuits,
    /// Consumer electronics.
    ConsumerElectronics,
    /// Equipment manufacturing.
    EquipmentManufacturing,
    /// Agricultural materials: seed, fertiliser, feed.
    AgriculturalMaterials,
    /// Food.
    Food,
    /// Medicine.
    Medicine,
    /// Medical supplies: test reagents, vaccines, key drugs.
    MedicalSupplies,
    /// Infant formula.
    InfantFormula,
    /// Daily necessities.
    DailyNecessities,
    /// Energy: coal, oil, gas.
    Energy,
    /// Mail and parcels.
    MailAndParcels,
    /// Anything else.
    Other,
}

impl Category {
    /// Every category, by number.
    pub const ALL: [Category; 13] = [
        Category::Automobiles,
        Category::IntegratedCircuits,
        Category::ConsumerElectronics,
        Category::EquipmentManufacturing,
        Category::AgriculturalMaterials,
        Category::Food,
        Category::Medicine,
        Category::MedicalSupplies,
        Category::InfantFormula,
        Category::DailyNecessities,
        Category::Energy,
        Category::MailAndParcels,
        Category::Other,
    ];

    /// Its number in proto, in the registry and in a pass: 1 to 12, or 255.
    pub const fn number(self) -> u8 {
        match self {
            Category::Automobiles => 1,
            Category::IntegratedCircuits => 2,
            Category::ConsumerElectronics => 3,
            Category::EquipmentManufacturing => 4,
            Category::AgriculturalMaterials => 5,
            Category::Food => 6,
            Category::Medicine => 7,
            Category::MedicalSupplies => 8,
            Category::InfantFormula => 9,
            Category::DailyNecessities => 10,
            Category::Energy => 11,
            Category::MailAndParcels => 12,
            Category::Other => 255,
        }
    }

    /// The category of that number; none for 0 and for the numbers that are still free.
    pub fn by_number(number: impl Into<i64>) -> Option<Category> {
        let number = number.into();
        Category::ALL.into_iter().find(|category| i64::from(category.number()) == number)
    }

    /// Its name in tables and messages, such as `integrated_circuits`.
    pub const fn name(self) -> &'static str {
        match self {
            Category::Automobiles => "automobiles",
            Category::IntegratedCircuits => "integrated_circuits",
            Category::ConsumerElectronics => "consumer_electronics",
            Category::EquipmentManufacturing => "equipment_manufacturing",
            Category::AgriculturalMaterials => "agricultural_materials",
            Category::Food => "food",
            Category::Medicine => "medicine",
            Category::MedicalSupplies => "medical_supplies",
            Category::InfantFormula => "infant_formula",
            Category::DailyNecessities => "daily_necessities",
            Category::Energy => "energy",
            Category::MailAndParcels => "mail_and_parcels",
            Category::Other => "other",
        }
    }

    /// Its name in Chinese tables.
    pub const fn name_zh(self) -> &'static str {
        match self {
            Category::Automobiles => "汽车",
            Category::IntegratedCircuits => "集成电路",
            Category::ConsumerElectronics => "消费电子",
            Category::EquipmentManufacturing => "装备制造",
            Category::AgriculturalMaterials => "农用物资",
            Category::Food => "食品",
            Category::Medicine => "医药",
            Category::MedicalSupplies => "医疗物资",
            Category::InfantFormula => "婴幼儿配方食品",
            Category::DailyNecessities => "生活必需品",
            Category::Energy => "能源",
            Category::MailAndParcels => "邮政快递",
            Category::Other => "其他",
        }
    }

    /// The category that a cell of a table means: its number, or its name in one of the two spellings.
    pub fn by_text(text: &str) -> Option<Category> {
        let text = text.trim();
        if let Ok(number) = text.parse::<u8>() {
            return Category::by_number(number);
        }
        let name = text.to_ascii_lowercase().replace([' ', '-'], "_");
        Category::ALL.into_iter().find(|category| category.name() == name || category.name_zh() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_1_to_12_and_255_and_lead_back() {
        let numbers: Vec<u8> = Category::ALL.iter().map(|category| category.number()).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 255]);
        for category in Category::ALL {
            assert_eq!(Category::by_number(category.number()), Some(category));
            assert_eq!(Category::by_text(category.name()), Some(category));
            assert_eq!(Category::by_text(category.name_zh()), Some(category));
            assert_eq!(Category::by_text(&category.number().to_string()), Some(category));
        }
    }

    #[test]
    fn zero_free_numbers_and_unknown_names_are_no_category() {
        for number in [-1_i64, 0, 13, 254, 256] {
            assert_eq!(Category::by_number(number), None, "{number}");
        }
        for text in ["", "0", "13", "256", "weapons", "-1"] {
            assert_eq!(Category::by_text(text), None, "{text}");
        }
        assert_eq!(Category::by_text(" Medical supplies "), Some(Category::MedicalSupplies));
    }
}
