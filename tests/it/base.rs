//! Tests of the `base` room.

mod ids {
    //! Ids compare without case, whatever their length.

    use proptest::prelude::*;
    use ravelin::base::ResourceId;

    proptest! {
        #[test]
        fn order_is_that_of_lower_case(a in "(/[aAbB1]{1,9}){1,8}", b in "(/[aAbB1]{1,9}){1,8}") {
            let (x, y) = (ResourceId::parse(&a).unwrap(), ResourceId::parse(&b).unwrap());
            prop_assert_eq!(x.cmp(&y), a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()));
            prop_assert_eq!(x == y, a.eq_ignore_ascii_case(&b));
        }
    }
}
