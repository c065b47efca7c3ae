//! A small folder of bindings in the generator's own manner, and the schema that comes of it.

use super::*;
use crate::schema::{Nesting, Type};

const BOX: &str = r#"
function toyBoxLidToHclTerraform(struct) {
    const attrs = {
        colour: {
            value: cdktn.stringToHclTerraform(struct.colour),
            isBlock: false,
            type: "simple",
            storageClassType: "string",
        },
    };
}
class ToyBoxLidOutputReference extends cdktn.ComplexObject {
    // colour - computed: false, optional: false, required: true
    _colour;
    get colour() {
        return this.getStringAttribute('colour');
    }
}
class ToyBoxLidList extends cdktn.ComplexList {
}
class ToyBox extends cdktn.TerraformResource {
    static tfResourceType = "toy_box";
    constructor(scope, id, config) {
        super(scope, id, {
            terraformResourceType: 'toy_box',
            terraformGeneratorMetadata: {
                providerName: 'toy',
                providerVersion: '1.2.3',
            },
        });
    }
    // arn - computed: true, optional: false, required: false
    get arn() {
        return this.getStringAttribute('arn');
    }
    // zones - computed: true, optional: true, required: false
    get zones() {
        return cdktn.Fn.tolist(this.getListAttribute('zones'));
    }
    // lid - computed: false, optional: false, required: true
    _lid = new ToyBoxLidList(this, "lid", true);
    synthesizeHclAttributes() {
        const attrs = {
            zones: {
                value: cdktn.listMapperHcl(cdktn.stringToHclTerraform, false)(this._zones),
                isBlock: false,
                type: "set",
                storageClassType: "stringList",
            },
            lid: {
                value: cdktn.listMapperHcl(toyBoxLidToHclTerraform, true)(this._lid.internalValue),
                isBlock: true,
                type: "set",
                storageClassType: "ToyBoxLidList",
            },
        };
    }
}
"#;

#[test]
fn blocks_flags_and_types_are_read() {
    let schema = derive("registry.terraform.io/example/toy", [vec![BOX.to_owned()]]).unwrap();
    assert_eq!(schema.version, "1.2.3");
    let block = &schema.resource_schemas["toy_box"].block;
    let (arn, zones) = (&block.attributes["arn"], &block.attributes["zones"]);
    assert!(arn.computed && !arn.optional && !arn.required);
    assert!(zones.computed && zones.optional);
    assert_eq!(zones.kind, Some(Type::of("set", Type::plain("string"))));
    let lid = &block.block_types["lid"];
    assert_eq!((lid.nesting_mode, lid.min_items, lid.max_items), (Nesting::Set, 1, 0));
    assert!(lid.block.attributes["colour"].required);
}

#[test]
fn what_is_not_understood_is_an_error() {
    let kind = BOX.replace("\"stringList\"", "\"stringTree\"");
    let class = BOX
        .replace("class ToyBoxLidOutputReference", "class Other")
        .replace("function toyBoxLid", "function other");
    let flags = BOX.replace("// zones - computed", "// zone - computed");
    for (broken, expect) in [(kind, "stringTree"), (class, "`ToyBoxLid` is in no file"), (flags, "half told")]
    {
        let error = derive("toy", [vec![broken]]).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    }
    assert!(matches!(derive("toy", [vec![String::new()]]), Err(DeriveError::Empty)));
}
