//! Route tables of small programs in each framework, written as one line an endpoint.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

use super::*;
use crate::analysis::ShardBuilder;
use crate::evidence::endpoints::{Parameter, Shape};
use crate::languages::{Frontend, SourceText, python::Python};
use crate::source::FileId;

fn project(files: &[(&str, &str)]) -> Project {
    let mut builder = ShardBuilder::default();
    for (i, (path, text)) in files.iter().enumerate() {
        let file = FileId(u32::try_from(i).unwrap());
        builder.lowered(|names| {
            let lowered = Python.lower(SourceText { file, path, text }, names);
            (lowered.module, lowered.problems)
        });
    }
    Project::link(vec![builder.finish()])
}

fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Unknown => "?".to_owned(),
        Shape::Integer { min, max } => {
            let bound = |n: &Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
            if min.is_none() && max.is_none() {
                "int".to_owned()
            } else {
                format!("int[{}..{}]", bound(min), bound(max))
            }
        }
        Shape::Text { min, max } if min.is_some() || max.is_some() => {
            format!("text[{}..{}]", min.unwrap_or(0), max.unwrap_or(0))
        }
        Shape::Text { .. } => "text".to_owned(),
        Shape::List(inner) => format!("[{}]", self::shape(inner)),
        Shape::Map(inner) => format!("map {}", self::shape(inner)),
        Shape::Object { name, fields } => format!("{name}{{{}}}", parameters(fields)),
        Shape::Choice(choices) => choices.join("|"),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn parameters(list: &[Parameter]) -> String {
    let one = |p: &Parameter| format!("{}{}: {}", p.name, if p.required { "" } else { "?" }, shape(&p.shape));
    list.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn table(files: &[(&str, &str)]) -> Vec<String> {
    let mut out = Vec::new();
    for endpoint in endpoints(&project(files)) {
        let mut line = format!("{} -> {}", endpoint.name(), endpoint.handler);
        for (mark, list) in
            [("path", &endpoint.path_params), ("query", &endpoint.query), ("headers", &endpoint.headers)]
        {
            if !list.is_empty() {
                line += &format!("; {mark} {}", parameters(list));
            }
        }
        if let Some(body) = &endpoint.body {
            line += &format!("; {:?} {}", body.encoding, shape(&body.shape)).replace("Json ", "json ");
        }
        if let Some(auth) = &endpoint.auth {
            line += &format!("; auth {auth}");
        }
        if endpoint.streams {
            line += "; streams";
        }
        for doubt in &endpoint.doubts {
            line += &format!("; doubt {doubt}");
        }
        out.push(line);
    }
    out
}

#[test]
fn fastapi_routers_parameters_and_models() {
    let app = include_str!("../../../../tests/corpus/evidence/loadtest/fastapi_app.py");
    assert_eq!(
        table(&[("app.py", app)]),
        [
            "DELETE /carts/{id} -> drop_cart; path id: uuid; auth Depends(current_user)",
            "GET /carts/{id}/items/{kind} -> items; path id: uuid, kind: new|paid",
            "POST /files -> upload; Multipart form{file: file, title: text}",
            "POST /forms -> both; json body{order: LineIn{sku: text[3..8], count: int[1..9], note?: text}, paging: Paging{total: int}}",
            "GET /orders -> list_orders; query limit: int[1..20], q?: text, skip?: int, size?: int[1..50]",
            "POST /orders -> place_order; json OrderIn{customer_id: int, email: email, state: new|paid, lines: [LineIn{sku: text[3..8], count: int[1..9], note?: text}], extra?: map int}; auth Depends(current_user)",
            "GET /orders/{order_id} -> read_order; path order_id: int",
        ]
    );
}

#[test]
fn fastapi_prefixes_come_from_includes_loops_and_settings() {
    let files = [
        (
            "app/main.py",
            "from fastapi import FastAPI\nfrom app.api import api_router\nfrom app.config import settings\nfrom app.routes import a, b\n\
             app = FastAPI()\napp.include_router(api_router, prefix=settings.API_V1_STR)\n\
             for module in (a, b):\n    app.include_router(module.router)\n",
        ),
        (
            "app/config.py",
            "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    API_V1_STR: str = '/api/v1'\nsettings = Settings()\n",
        ),
        (
            "app/api.py",
            "from fastapi import APIRouter\nfrom app import items\napi_router = APIRouter()\napi_router.include_router(items.router, prefix='/items', tags=['items'])\n",
        ),
        (
            "app/items.py",
            "from typing import Annotated, Any, Literal, Optional\nfrom fastapi import APIRouter, Body, Depends, Header, Request\nfrom app.deps import CurrentUser, get_current_active_superuser\n\
             router = APIRouter()\n\n\
             @router.get('/')\ndef read_items(user: CurrentUser, skip: int = 0, sort: Literal['up', 'down'] = 'up', x_trace: str = Header()) -> Any:\n    return []\n\n\
             @router.put('/{id}', dependencies=[Depends(get_current_active_superuser)])\nasync def put(request: Request, id: str, levels: dict[str, int], flag: Annotated[bool, Body(embed=True)]):\n    return id\n",
        ),
        (
            "app/deps.py",
            "from typing import Annotated\nfrom fastapi import Depends\ndef get_current_user():\n    return 1\ndef get_current_active_superuser(u=Depends(get_current_user)):\n    return u\nCurrentUser = Annotated[int, Depends(get_current_user)]\n",
        ),
        ("app/routes/__init__.py", ""),
        (
            "app/routes/a.py",
            "from fastapi import APIRouter\nrouter = APIRouter(prefix='/a')\n@router.get('')\nasync def a_list(): ...\n@router.websocket('/live')\nasync def live(ws): ...\n",
        ),
        (
            "app/routes/b.py",
            "from fastapi import APIRouter\nfrom fastapi.responses import StreamingResponse\nrouter = APIRouter(prefix='/b')\n\
             @router.get('/events')\nasync def events():\n    return StreamingResponse(rows(), media_type='text/event-stream')\n@router.api_route('/x', methods=['GET', 'POST'])\nasync def x(): ...\n",
        ),
        (
            "app/routes/c.py",
            "from fastapi import APIRouter\nrouter = APIRouter(prefix='/c')\n@router.get('/y')\nasync def y(): ...\n",
        ),
    ];
    assert_eq!(
        table(&files),
        [
            "GET /a -> a_list",
            "WEBSOCKET /a/live -> live",
            "GET /api/v1/items/ -> read_items; query skip?: int, sort?: up|down; headers x-trace: text; auth Depends(get_current_user)",
            "PUT /api/v1/items/{id} -> put; path id: text; json body{levels: map int, flag: boolean}; auth Depends(get_current_active_superuser)",
            "GET /b/events -> events; streams",
            "GET /b/x -> x",
            "POST /b/x -> x",
            "GET /c/y -> y; doubt Its router is not seen to be part of an application: a prefix may be missing",
        ]
    );
}

#[test]
fn flask_blueprints_views_and_what_handlers_read() {
    let app = include_str!("../../../../tests/corpus/evidence/loadtest/flask_app.py");
    assert_eq!(
        table(&[("app.py", app)]),
        [
            "GET /api/orders -> list_orders; query page?: int, q?: ?",
            "POST /api/orders -> place_order; json request{sku: ?, count: ?, note?: ?}; auth login_required",
            "GET /api/orders/{order_id} -> OrderView.get; path order_id: int",
            "PATCH /api/orders/{order_id} -> OrderView.patch; path order_id: int; Form request{state: ?}",
            "GET /health -> create_app.health",
        ]
    );
}

#[test]
fn django_urls_views_and_routers() {
    let files = [
        (
            "shop/urls.py",
            "from django.urls import include, path, re_path\nfrom django.contrib.auth.decorators import login_required\nfrom . import views\n\
          urlpatterns = [\n    path('orders/<int:pk>/', views.order),\n    re_path(r'^old/(?P<code>\\w+)/$', views.old),\n    path('api/', include('api.urls')),\n    path('mine/', login_required(views.Mine.as_view())),\n    path('pick/', views.pick),\n]\n",
        ),
        (
            "shop/views.py",
            "from django.views import View\nfrom django.contrib.auth.mixins import LoginRequiredMixin\nfrom django.views.decorators.http import require_POST\n\
          def order(request, pk):\n    if request.method == 'POST':\n        name = request.POST['name']\n    return pk\n\n\
          @require_POST\ndef old(request, code):\n    return code\n\n\
          def pick(request):\n    return request.GET.get('q')\n\n\
          class Mine(LoginRequiredMixin, View):\n    def get(self, request):\n        return 1\n    def post(self, request):\n        return request.POST['a']\n",
        ),
        (
            "api/urls.py",
            "from rest_framework.routers import DefaultRouter\nfrom django.urls import path, include\nfrom . import views\nrouter = DefaultRouter()\nrouter.register(r'carts', views.CartViewSet)\n\
          urlpatterns = [path('', include(router.urls)), path('items/', views.Items.as_view()), path('sum/', views.total)]\n",
        ),
        (
            "api/views.py",
            "from rest_framework import viewsets, generics, serializers, permissions\nfrom rest_framework.decorators import action, api_view\n\
          class CartSerializer(serializers.Serializer):\n    title = serializers.CharField()\n    count = serializers.IntegerField(required=False)\n    total = serializers.IntegerField(read_only=True)\n\n\
          class CartViewSet(viewsets.ModelViewSet):\n    serializer_class = CartSerializer\n    permission_classes = [permissions.IsAuthenticated]\n    @action(detail=True, methods=['post'])\n    def empty(self, request, pk=None):\n        return 1\n\n\
          class Items(generics.ListCreateAPIView):\n    serializer_class = CartSerializer\n    permission_classes = [permissions.AllowAny]\n\n\
          @api_view(['PUT'])\ndef total(request):\n    return request.data['sum']\n",
        ),
    ];
    let body = "json CartSerializer{title: text, count?: int}";
    let auth = "auth IsAuthenticated";
    assert_eq!(table(&files), [
        format!("GET /api/carts/ -> CartViewSet; {auth}"),
        format!("POST /api/carts/ -> CartViewSet; {body}; {auth}"),
        format!("DELETE /api/carts/{{pk}}/ -> CartViewSet; path pk: int; {auth}"),
        format!("GET /api/carts/{{pk}}/ -> CartViewSet; path pk: int; {auth}"),
        format!("PATCH /api/carts/{{pk}}/ -> CartViewSet; path pk: int; {body}; {auth}"),
        format!("PUT /api/carts/{{pk}}/ -> CartViewSet; path pk: int; {body}; {auth}"),
        format!("POST /api/carts/{{pk}}/empty/ -> CartViewSet.empty; path pk: int; {auth}"),
        "GET /api/items/ -> Items".to_owned(),
        format!("POST /api/items/ -> Items; {body}"),
        "PUT /api/sum/ -> total; json request{sum: ?}".to_owned(),
        "GET /mine/ -> Mine.get; auth LoginRequiredMixin".to_owned(),
        "POST /mine/ -> Mine.post; Form request{a: ?}; auth LoginRequiredMixin".to_owned(),
        "POST /old/{code}/ -> old; path code: text".to_owned(),
        "GET /orders/{pk}/ -> order; path pk: int; doubt Which methods it answers could not be read".to_owned(),
        "POST /orders/{pk}/ -> order; path pk: int; Form request{name: ?}; doubt Which methods it answers could not be read".to_owned(),
        "GET /pick/ -> pick; query q?: ?".to_owned(),
    ]);
}
