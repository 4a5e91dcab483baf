"""Settings of the service, read from the environment."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    database_url: str = "postgresql+asyncpg://orders@localhost/orders"
    sync_database_url: str = "postgresql+psycopg://orders@localhost/orders"
    listen_dsn: str = "postgresql://orders@localhost/orders"
    carrier_url: str = "https://carrier.example"
    mail_url: str = "https://mail.example"
    terms_path: str = "/srv/terms.txt"


settings = Settings()
