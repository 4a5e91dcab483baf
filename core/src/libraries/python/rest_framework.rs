//! Django REST framework: views, serializers.

use super::mixes::{INSERT, READ, UPDATE};
use crate::libraries::{ClassRow, Effects, Library, Ret, Row, RunContext, call, class};

/// Django REST framework.
pub const LIBRARY: Library = Library {
    name: "Django REST framework",
    roots: &["rest_framework", "drf_writable_nested"],
    rows: ROWS,
    classes: CLASSES,
    aliases: &[
        ("drf_writable_nested.mixins.NestedCreateMixin", "drf_writable_nested.NestedCreateMixin"),
        ("drf_writable_nested.mixins.NestedUpdateMixin", "drf_writable_nested.NestedUpdateMixin"),
        (
            "drf_writable_nested.serializers.WritableNestedModelSerializer",
            "drf_writable_nested.WritableNestedModelSerializer",
        ),
    ],
    values: &[],
};

const ROWS: &[Row] = &[
    // https://www.django-rest-framework.org/api-guide/views/
    call("rest_framework.decorators.api_view").gives(Ret::Decorated).decorates(RunContext::Request),
    call("rest_framework.decorators.authentication_classes").gives(Ret::Decorated),
    call("rest_framework.decorators.parser_classes").gives(Ret::Decorated),
    call("rest_framework.decorators.permission_classes").gives(Ret::Decorated),
    call("rest_framework.decorators.renderer_classes").gives(Ret::Decorated),
    call("rest_framework.decorators.schema").gives(Ret::Decorated),
    call("rest_framework.decorators.throttle_classes").gives(Ret::Decorated),
    // https://www.django-rest-framework.org/api-guide/generic-views/
    call("rest_framework.generics.GenericAPIView.filter_queryset").gives(Ret::Arg(0)),
    call("rest_framework.generics.GenericAPIView.get_object").does(READ),
    call("rest_framework.generics.GenericAPIView.paginate_queryset").does(READ).gives(Ret::List).consumes(0),
    // https://www.django-rest-framework.org/api-guide/viewsets/
    call("rest_framework.decorators.action").gives(Ret::Decorated).decorates(RunContext::Request),
    // https://www.django-rest-framework.org/api-guide/serializers/
    call("rest_framework.serializers.BaseSerializer.is_valid").gives(Ret::Bool),
    call("rest_framework.serializers.BaseSerializer.save").does(INSERT.with(Effects::DB_UPDATE)),
    call("rest_framework.serializers.ModelSerializer.create").does(INSERT),
    call("rest_framework.serializers.ModelSerializer.update").does(UPDATE).gives(Ret::Arg(0)),
    // https://www.django-rest-framework.org/api-guide/responses/
    call("rest_framework.response.Response").gives(Ret::Inst("rest_framework.response.Response")),
];

const CLASSES: &[ClassRow] = &[
    // https://www.django-rest-framework.org/api-guide/views/
    class("rest_framework.views.APIView").extends(&["django.views.View"]).handles(RunContext::Request),
    // https://www.django-rest-framework.org/api-guide/generic-views/
    class("rest_framework.generics.CreateAPIView").extends(&["rest_framework.generics.GenericAPIView"]),
    class("rest_framework.generics.DestroyAPIView").extends(&["rest_framework.generics.GenericAPIView"]),
    class("rest_framework.generics.GenericAPIView").extends(&["rest_framework.views.APIView"]),
    class("rest_framework.generics.ListAPIView").extends(&["rest_framework.generics.GenericAPIView"]),
    class("rest_framework.generics.ListCreateAPIView").extends(&["rest_framework.generics.GenericAPIView"]),
    class("rest_framework.generics.RetrieveAPIView").extends(&["rest_framework.generics.GenericAPIView"]),
    class("rest_framework.generics.RetrieveDestroyAPIView").extends(&["rest_framework.generics.GenericAPIView"]),
    class("rest_framework.generics.RetrieveUpdateAPIView").extends(&["rest_framework.generics.GenericAPIView"]),
    class("rest_framework.generics.RetrieveUpdateDestroyAPIView").extends(&["rest_framework.generics.GenericAPIView"]),
    class("rest_framework.generics.UpdateAPIView").extends(&["rest_framework.generics.GenericAPIView"]),
    // https://www.django-rest-framework.org/api-guide/viewsets/
    class("rest_framework.viewsets.GenericViewSet").extends(&["rest_framework.generics.GenericAPIView"]),
    class("rest_framework.viewsets.ModelViewSet").extends(&["rest_framework.viewsets.GenericViewSet"]),
    class("rest_framework.viewsets.ReadOnlyModelViewSet").extends(&["rest_framework.viewsets.GenericViewSet"]),
    class("rest_framework.viewsets.ViewSet").extends(&["rest_framework.views.APIView"]),
    // https://www.django-rest-framework.org/api-guide/serializers/
    class("rest_framework.serializers.BaseSerializer"),
    class("rest_framework.serializers.HyperlinkedModelSerializer")
        .extends(&["rest_framework.serializers.ModelSerializer"]),
    class("rest_framework.serializers.ListSerializer").extends(&["rest_framework.serializers.BaseSerializer"]),
    class("rest_framework.serializers.ModelSerializer").extends(&["rest_framework.serializers.Serializer"]),
    // https://github.com/beda-software/drf-writable-nested
    class("drf_writable_nested.NestedCreateMixin").extends(&["rest_framework.serializers.BaseSerializer"]),
    class("drf_writable_nested.NestedUpdateMixin").extends(&["rest_framework.serializers.BaseSerializer"]),
    class("drf_writable_nested.WritableNestedModelSerializer").extends(&["rest_framework.serializers.ModelSerializer"]),
    class("rest_framework.serializers.Serializer").extends(&["rest_framework.serializers.BaseSerializer"]),
    // https://www.django-rest-framework.org/api-guide/permissions/
    class("rest_framework.authentication.BaseAuthentication").handles(RunContext::Request),
    class("rest_framework.permissions.BasePermission").handles(RunContext::Request),
    // https://www.django-rest-framework.org/api-guide/responses/
    class("rest_framework.request.Request").attrs(&[("data", Ret::Dict), ("query_params", Ret::Dict)]),
    class("rest_framework.response.Response"),
];
