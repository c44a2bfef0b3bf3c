from __future__ import annotations

import pytest
from pydantic import SecretStr

from lightbox.errors import SettingsError
from lightbox.providers.dashscope import dashscope_endpoint
from lightbox.providers.dashscope_native import PATH as PATH_OF_PICTURES
from lightbox.providers.dashscope_native import native_url
from lightbox.providers.openai import openai_endpoint
from lightbox.providers.sandbox import sandbox_endpoint
from lightbox.vocabulary import Region

KEY = SecretStr("sk-test-0123456789")
PATH = "/compatible-mode/v1"


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("dashscope-intl.aliyuncs.com", "international"),
        ("dashscope.aliyuncs.com", "mainland"),
        ("dashscope-us.aliyuncs.com", "us"),
        ("{WorkspaceId}.ap-southeast-1.maas.aliyuncs.com", "international"),
        ("{WorkspaceId}.cn-beijing.maas.aliyuncs.com", "mainland"),
        ("{workspace_id}.eu-central-1.maas.aliyuncs.com", "eu"),
        ("{WorkspaceId}.ap-northeast-1.maas.aliyuncs.com", "jp"),
        ("maas.qwencloudapi.com", "international"),
        ("maas.qianwenaiapi.com", "mainland"),
        ("gateway.example.com", None),
    ],
)
def test_every_dashscope_host_has_its_region(host: str, region: Region | None) -> None:
    endpoint = dashscope_endpoint(KEY, base_url=f"https://{host}{PATH}/", workspace_id="llm-abc123")
    assert endpoint.region == region
    assert endpoint.url("responses") == (
        f"https://{host.replace('{WorkspaceId}', 'llm-abc123').replace('{workspace_id}', 'llm-abc123')}{PATH}/responses"
    )


def test_a_gateway_is_in_the_region_that_is_set_and_the_services_own_hosts_in_their_own() -> None:
    behind = dashscope_endpoint(KEY, base_url="https://gateway.example.com/v1", region="mainland")
    own = dashscope_endpoint(KEY, base_url="https://dashscope-intl.aliyuncs.com", region="mainland")
    assert (behind.region, own.region) == ("mainland", "international")


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://gw.example.com/v1", "https://gw.example.com{}"),
        ("https://gw.example.com/dashscope/compatible-mode/v1", "https://gw.example.com/dashscope{}"),
        ("https://gw.example.com/qwen/v1?tenant=7", "https://gw.example.com/qwen{}?tenant=7"),
        ("https://gw.example.com/qwen", "https://gw.example.com/qwen{}"),
        ("https://dashscope.aliyuncs.com/api/v2/apps/protocols/compatible-mode/v1", "https://dashscope.aliyuncs.com{}"),
    ],
)
def test_pictures_are_made_beside_the_responses_api_behind_a_gateway_too(base_url: str, url: str) -> None:
    assert native_url(dashscope_endpoint(KEY, base_url=base_url)) == url.format(PATH_OF_PICTURES)


def test_dashscope_is_the_international_one_unless_told_otherwise() -> None:
    assert dashscope_endpoint(KEY).base_url == f"https://dashscope-intl.aliyuncs.com{PATH}"
    assert dashscope_endpoint(KEY, base_url="https://dashscope.aliyuncs.com").base_url.endswith(PATH)


@pytest.mark.parametrize(
    ("base_url", "workspace", "part"),
    [
        ("https://{WorkspaceId}.cn-beijing.maas.aliyuncs.com/v1", None, "set DASHSCOPE_WORKSPACE_ID"),
        ("https://{WorkspaceId}.cn-beijing.maas.aliyuncs.com/v1", "a.evil.example/", "is not valid"),
        ("https://dashscope-intl.aliyuncs.com/api/v1", None, f"use https://dashscope-intl.aliyuncs.com{PATH}"),
        ("dashscope-intl.aliyuncs.com", None, "is not an http(s) URL"),
        ("ftp://e.com", None, "is not an http(s) URL"),
        ("https://e.com:port/v1", None, "is not a URL"),
        ("https://me:hunter2@e.com/v1", None, "holds a user or password"),
        ("https://hunter2@e.com/v1", None, "holds a user or password"),
        ("https://:hunter2@e.com/v1", None, "holds a user or password"),
    ],
)
def test_a_wrong_address_is_a_setting_to_correct(base_url: str, workspace: str | None, part: str) -> None:
    with pytest.raises(SettingsError) as error:
        dashscope_endpoint(KEY, base_url=base_url, workspace_id=workspace)
    assert part in str(error.value)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    "base_url", ["https://e.com/v1", "https://e.com/v1/", " https://e.com/v1/responses ", "https://e.com/v1/responses/"]
)
def test_a_base_url_may_end_as_people_write_it(base_url: str) -> None:
    assert openai_endpoint(KEY, base_url=base_url).url("responses", "resp_1") == "https://e.com/v1/responses/resp_1"


def test_openai_itself_needs_no_path() -> None:
    assert openai_endpoint(KEY, base_url="https://api.openai.com/").url("models") == "https://api.openai.com/v1/models"


def test_azure_gets_its_own_headers_and_keeps_its_version() -> None:
    base_url = "https://me.openai.azure.com/openai/v1/?api-version=preview"
    endpoint = openai_endpoint(KEY, base_url=base_url)
    assert endpoint.url("responses", query={"stream": "true"}) == (
        "https://me.openai.azure.com/openai/v1/responses?api-version=preview&stream=true"
    )
    assert endpoint.request_headers(image_model="gpt-image-2") == {
        "User-Agent": "lightbox-mcp",
        "api-key": "sk-test-0123456789",
        "x-ms-oai-image-generation-deployment": "gpt-image-2",
    }
    assert endpoint.request_headers() == {"User-Agent": "lightbox-mcp", "api-key": "sk-test-0123456789"}


def test_azure_gets_a_token_of_entra_id_where_tokens_go() -> None:
    signed = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl"
    endpoint = openai_endpoint(SecretStr(signed), base_url="https://me.services.ai.azure.com/openai/v1")
    assert endpoint.request_headers() == {"User-Agent": "lightbox-mcp", "Authorization": f"Bearer {signed}"}


@pytest.mark.parametrize(
    ("host", "azure"),
    [
        ("me.openai.azure.com", True),
        ("me.services.ai.azure.com", True),
        ("me.cognitiveservices.azure.com", True),
        ("management.azure.com", False),
        ("openai.azure.com.example.net", False),
    ],
)
def test_azure_is_known_by_its_hosts(host: str, *, azure: bool) -> None:
    endpoint = openai_endpoint(KEY, base_url=f"https://{host}/openai/v1")
    assert endpoint.is_azure is azure
    assert endpoint.lists_what_it_serves is not azure


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("", "/openai/v1/models"),
        ("/", "/openai/v1/models"),
        ("/openai", "/openai/v1/models"),
        ("/openai/v1", "/openai/v1/models"),
        ("/openai/v1/responses?api-version=preview", "/openai/v1/models?api-version=preview"),
        ("?api-version=preview", "/openai/v1/models?api-version=preview"),
        ("/openai?api-version=2025-04-01-preview", "/openai/models?api-version=2025-04-01-preview"),
        ("/api/projects/p/openai/v1", "/api/projects/p/openai/v1/models"),
    ],
)
def test_an_address_of_azures_may_be_written_as_people_find_it(written: str, url: str) -> None:
    host = "https://me.openai.azure.com"
    assert openai_endpoint(KEY, base_url=f"{host}{written}").url("models") == f"{host}{url}"


def test_the_address_of_one_deployment_leads_to_the_right_one_and_its_settings() -> None:
    base_url = "https://me.openai.azure.com/openai/deployments/gpt/chat?api-version=2024-10-21"
    with pytest.raises(SettingsError) as error:
        openai_endpoint(KEY, base_url=base_url)
    assert "use https://me.openai.azure.com/openai/v1, " in str(error.value)
    assert "LIGHTBOX_OPENAI_IMAGE_DEPLOYMENT" in str(error.value)


@pytest.mark.parametrize("base_url", ["https://me.openai.azure.com", "https://gateway.example.com/azure/v1"])
def test_a_deployment_that_is_set_is_named_wherever_a_picture_is_made_and_nowhere_else(base_url: str) -> None:
    endpoint = openai_endpoint(KEY, base_url=base_url, image_deployment="my-image")
    name = "x-ms-oai-image-generation-deployment"
    assert endpoint.request_headers(image_model="gpt-image-2")[name] == "my-image"
    assert name not in endpoint.request_headers()


def test_others_get_no_headers_of_azures() -> None:
    headers = openai_endpoint(SecretStr(" sk-pasted\n")).request_headers(image_model="gpt-image-2")
    assert headers == {"User-Agent": "lightbox-mcp", "Authorization": "Bearer sk-pasted"}


def test_a_local_server_needs_no_key() -> None:
    endpoint = openai_endpoint(None, base_url="http://localhost:11434/v1")
    assert endpoint.is_loopback
    assert "Authorization" not in endpoint.request_headers()


def test_the_sandbox_is_on_this_machine() -> None:
    assert sandbox_endpoint("http://127.0.0.1:8123/v1/").url("responses") == "http://127.0.0.1:8123/v1/responses"
    assert sandbox_endpoint("http://127.0.0.1:8123/v1").is_loopback
    assert not dashscope_endpoint(KEY).is_loopback


def test_a_key_is_not_in_an_endpoints_text() -> None:
    assert "0123456789" not in f"{dashscope_endpoint(KEY)!r}{openai_endpoint(KEY)}"
