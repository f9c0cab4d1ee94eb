//! Objects and outputs as the v4 file nests them, and their forms on their own in the journal.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value as J};

use crate::base::{
    Key, Type,
    json::{from_json_as, to_json},
};

use super::{
    gojson::ordered,
    model::{Instance, OutputValue, key_json},
    paths::{add_path, path_to_json},
};

#[derive(Serialize, Deserialize)]
struct Output {
    #[serde(serialize_with = "ordered")]
    value: J,
    #[serde(rename = "type", serialize_with = "ordered")]
    ty: J,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
}

impl Serialize for OutputValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Output { value: to_json(&self.value), ty: self.ty.to_json(), sensitive: self.sensitive }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for OutputValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OutputValue, D::Error> {
        let output = Output::deserialize(deserializer)?;
        let ty = Type::from_json(&output.ty).ok_or_else(|| D::Error::custom(format!("{} is not a type", output.ty)))?;
        let value = from_json_as(&output.value, &ty).ok_or_else(|| D::Error::custom(format!("an output's value does not fit its type {ty}")))?;
        Ok(OutputValue { value, ty, sensitive: output.sensitive })
    }
}

/// One object of a resource, as the file nests it.
#[derive(Serialize, Deserialize)]
pub struct Object {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index_key: Option<J>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposed: Option<String>,
    #[serde(default)]
    schema_version: u64,
    #[serde(default, skip_serializing_if = "J::is_null", serialize_with = "ordered")]
    attributes: J,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attributes_flat: Option<J>,
    #[serde(default)]
    sensitive_attributes: Option<Paths>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity_schema_version: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<J>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dependencies: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    create_before_destroy: bool,
    #[serde(flatten)]
    extras: Map<String, J>,
}

/// Sensitive paths in the file's form.
struct Paths(Vec<J>);

impl Serialize for Paths {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ordered(&J::Array(self.0.clone()), serializer)
    }
}

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Paths, D::Error> {
        Vec::<J>::deserialize(deserializer).map(Paths)
    }
}

impl Object {
    pub fn of(instance: &Instance, key: Option<&Key>, deposed: Option<&str>) -> Object {
        let mut extras = instance.extras.clone();
        let identity = extras.remove("identity");
        let identity_schema_version = extras.remove("identity_schema_version").and_then(|v| v.as_u64());
        Object {
            index_key: key.map(key_json),
            status: instance.tainted.then(|| "tainted".to_owned()),
            deposed: deposed.map(str::to_owned),
            schema_version: instance.schema_version,
            attributes: instance.attributes.clone(),
            attributes_flat: None,
            sensitive_attributes: Some(Paths(instance.sensitive.iter().map(|p| path_to_json(instance, p)).collect())),
            identity_schema_version,
            identity,
            private: instance.private.clone(),
            dependencies: (!instance.dependencies.is_empty()).then(|| instance.dependencies.clone()),
            create_before_destroy: instance.create_before_destroy,
            extras,
        }
    }

    pub fn into_instance(self, provider: &str) -> Result<Instance, String> {
        if self.attributes_flat.is_some() {
            return Err("the attributes are in the flat form of Terraform 0.11; run a refresh with Terraform 0.12 or later once".into());
        }
        let tainted = match self.status.as_deref() {
            None => false,
            Some("tainted") => true,
            Some(other) => return Err(format!("the object has the unknown status {other:?}")),
        };
        let mut extras = self.extras;
        extras.extend(self.identity.map(|v| ("identity".to_owned(), v)));
        extras.extend(self.identity_schema_version.map(|v| ("identity_schema_version".to_owned(), J::from(v))));
        let mut instance = Instance {
            provider: provider.to_owned(),
            schema_version: self.schema_version,
            attributes: self.attributes,
            dependencies: self.dependencies.unwrap_or_default(),
            create_before_destroy: self.create_before_destroy,
            tainted,
            private: self.private,
            extras,
            ..Instance::default()
        };
        for path in self.sensitive_attributes.map(|p| p.0).unwrap_or_default() {
            add_path(&mut instance, &path)?;
        }
        Ok(instance)
    }
}

/// An instance on its own, as the journal holds it: the file's object with its provider.
#[derive(Serialize, Deserialize)]
struct Alone {
    provider: String,
    #[serde(flatten)]
    object: Object,
}

impl Serialize for Instance {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Alone { provider: self.provider.clone(), object: Object::of(self, None, None) }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Instance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Instance, D::Error> {
        let alone = Alone::deserialize(deserializer)?;
        alone.object.into_instance(&alone.provider).map_err(D::Error::custom)
    }
}
