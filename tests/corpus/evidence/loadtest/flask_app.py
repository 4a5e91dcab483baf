"""A small shop in Flask that generated load tests are sent to."""

from functools import wraps

from flask import Blueprint, Flask, abort, jsonify, request
from flask.views import MethodView

api = Blueprint("api", __name__, url_prefix="/wrong")


def login_required(view):
    @wraps(view)
    def inner(*args, **kwargs):
        if request.headers.get("Authorization") != "Bearer letmein":
            abort(401)
        return view(*args, **kwargs)

    return inner


@api.route("/orders")
def list_orders():
    page = request.args.get("page", 1, type=int)
    return jsonify(page=page, q=request.args.get("q"))


@api.post("/orders")
@login_required
def place_order():
    data = request.get_json()
    return jsonify(sku=data["sku"], count=int(data["count"]), note=data.get("note")), 201


class OrderView(MethodView):
    def get(self, order_id):
        return jsonify(id=order_id)

    def patch(self, order_id):
        return jsonify(id=order_id, state=request.form["state"])


api.add_url_rule("/orders/<int:order_id>", view_func=OrderView.as_view("order"))


def create_app():
    app = Flask(__name__)
    app.register_blueprint(api, url_prefix="/api")

    @app.get("/health")
    def health():
        return "ok"

    return app
