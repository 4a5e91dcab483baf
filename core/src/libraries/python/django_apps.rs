//! Applications that Django projects add: object permissions (guardian), admin classes, serializers and viewsets of
//! other packages.

use super::mixes::READ;
use crate::libraries::{ClassRow, Library, Ret, Row, call, class};

/// Django applications.
pub const LIBRARY: Library = Library {
    name: "Django applications",
    roots: &[
        "guardian",
        "import_export",
        "mptt",
        "nested_admin",
        "rest_flex_fields",
        "rest_framework_gis",
        "reversion",
        "simple_history",
    ],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const QUERYSET: Ret = Ret::Inst("django.db.models.QuerySet");

const ROWS: &[Row] = &[
    // https://django-guardian.readthedocs.io/en/stable/api/guardian.core/
    // The checker asks the database at its first question about an object and remembers the answer; one that serves
    // many objects can be filled beforehand (`prefetch_perms`). So what counts is how many checkers are made.
    call("guardian.core.ObjectPermissionChecker").does(READ).gives(Ret::Inst("guardian.core.ObjectPermissionChecker")),
    // https://django-guardian.readthedocs.io/en/stable/api/guardian.shortcuts/
    // With permissions attached, two of them give a dict instead of a queryset.
    call("guardian.shortcuts.get_group_perms").gives(QUERYSET),
    call("guardian.shortcuts.get_groups_with_perms").does(READ),
    call("guardian.shortcuts.get_objects_for_group").gives(QUERYSET),
    call("guardian.shortcuts.get_objects_for_user").gives(QUERYSET),
    call("guardian.shortcuts.get_perms").does(READ),
    call("guardian.shortcuts.get_user_perms").gives(QUERYSET),
    call("guardian.shortcuts.get_users_with_perms").does(READ),
];

const ADMIN: &[&str] = &["django.contrib.admin.ModelAdmin"];

const SERIALIZER: &[&str] = &["rest_framework.serializers.ModelSerializer"];

const CLASSES: &[ClassRow] = &[
    // https://django-guardian.readthedocs.io/en/stable/userguide/admin-integration/
    class("guardian.admin.GuardedModelAdmin").extends(ADMIN),
    class("guardian.core.ObjectPermissionChecker"),
    // https://django-import-export.readthedocs.io/en/latest/admin_integration.html
    class("import_export.admin.ExportActionModelAdmin").extends(ADMIN),
    class("import_export.admin.ImportExportModelAdmin").extends(ADMIN),
    // https://django-mptt.readthedocs.io/en/latest/admin.html
    class("mptt.admin.DraggableMPTTAdmin").extends(ADMIN),
    class("mptt.admin.MPTTModelAdmin").extends(ADMIN),
    // https://django-nested-admin.readthedocs.io/en/latest/quickstart.html
    class("nested_admin.NestedModelAdmin").extends(ADMIN),
    // https://github.com/rsinger86/drf-flex-fields
    class("rest_flex_fields.FlexFieldsModelSerializer").extends(SERIALIZER),
    class("rest_flex_fields.FlexFieldsModelViewSet").extends(&["rest_framework.viewsets.ModelViewSet"]),
    // https://github.com/openwisp/django-rest-framework-gis
    class("rest_framework_gis.serializers.GeoFeatureModelSerializer").extends(SERIALIZER),
    // https://django-reversion.readthedocs.io/en/stable/admin.html
    class("reversion.admin.VersionAdmin").extends(ADMIN),
    // https://django-simple-history.readthedocs.io/en/stable/admin.html
    class("simple_history.admin.SimpleHistoryAdmin").extends(ADMIN),
];

const ALIASES: &[(&str, &str)] =
    &[("rest_flex_fields.serializers", "rest_flex_fields"), ("rest_flex_fields.views", "rest_flex_fields")];
