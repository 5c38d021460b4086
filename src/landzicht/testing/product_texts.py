"""The metadata files of the made-up products, written out as the agencies write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PSD = "https://psd-14.sentinel2.eo.esa.int/PSD"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def sentinel2_product_xml(
    name: str, level: str, baseline: str, granule: str, images: Sequence[str]
) -> str:
    """Return `MTD_MSIL1C.xml` or `MTD_MSIL2A.xml` (PSD 14, 4.6.2 and 4.9.2)."""
    long_level = f"Level-{level[1:]}"
    schema = f"{_PSD}/User_Product_{long_level}.xsd"
    files = "\n".join(
        f"                        <IMAGE_FILE>{image}</IMAGE_FILE>" for image in images
    )
    return _PRODUCT.format(
        xsi=_XSI,
        schema=schema,
        long_level=long_level,
        short=level[1:],
        name=name,
        level=level,
        baseline=baseline,
        granule=granule,
        files=files,
        quantification=_quantification(level),
        offsets=_offsets(level, baseline),
    )


def sentinel2_tile_xml(
    level: str, baseline: str, sizes: Mapping[int, int], corner: tuple[int, int]
) -> str:
    """Return `MTD_TL.xml` (PSD 14, 4.6.5 and 4.9.5): where the images lie and where the sun is."""
    long_level = f"Level-{level[1:]}"
    schema = f"{_PSD}/S2_PDI_{long_level}_Tile_Metadata.xsd"
    rows = "".join(
        f"""            <Size resolution="{metres}">
                <NROWS>{side}</NROWS>
                <NCOLS>{side}</NCOLS>
            </Size>
"""
        for metres, side in sizes.items()
    )
    places = "".join(
        f"""            <Geoposition resolution="{metres}">
                <ULX>{corner[0]}</ULX>
                <ULY>{corner[1]}</ULY>
                <XDIM>{metres}</XDIM>
                <YDIM>-{metres}</YDIM>
            </Geoposition>
"""
        for metres in sizes
    )
    tile = f"S2A_OPER_MSI_{level}_TL_2APS_20230625T150000_A041826_T31UFS_N{baseline}"
    return _TILE.format(
        xsi=_XSI, schema=schema, long_level=long_level, tile=tile, rows=rows, places=places
    )


def landsat_mtl(name: str, *, surface: bool) -> str:
    """Return the MTL text of a level-2 (`surface`) or level-1 product of Landsat 8."""
    level1 = name.replace("L2SP", "L1TP").replace("20200824", "20200823")
    groups = [
        ("PRODUCT_CONTENTS", _contents(name, surface=surface)),
        ("IMAGE_ATTRIBUTES", _ATTRIBUTES),
        ("PROJECTION_ATTRIBUTES", _PROJECTION),
    ]
    if surface:
        groups += [
            ("LEVEL2_PROCESSING_RECORD", [f'LANDSAT_PRODUCT_ID = "{name}"']),
            ("LEVEL2_SURFACE_REFLECTANCE_PARAMETERS", _linear("REFLECTANCE", "2.75e-05", "-0.2")),
            (
                "LEVEL2_SURFACE_TEMPERATURE_PARAMETERS",
                [
                    "TEMPERATURE_MAXIMUM_BAND_ST_B10 = 372.999941",
                    "TEMPERATURE_MULT_BAND_ST_B10 = 0.00341802",
                    "TEMPERATURE_ADD_BAND_ST_B10 = 149.0",
                ],
            ),
        ]
    radiances = [*_linear("RADIANCE", "1.2925E-02", "-64.62385"), *_THERMAL_RADIANCE]
    groups += [
        ("LEVEL1_PROCESSING_RECORD", [f'LANDSAT_PRODUCT_ID = "{level1}"']),
        (
            "LEVEL1_RADIOMETRIC_RESCALING",
            [*radiances, *_linear("REFLECTANCE", "2.0000E-05", "-0.100000", range(1, 10))],
        ),
        ("LEVEL1_THERMAL_CONSTANTS", ["K1_CONSTANT_BAND_10 = 774.8853"]),
    ]
    lines = ["GROUP = LANDSAT_METADATA_FILE"]
    for group, values in groups:
        lines.append(f"  GROUP = {group}")
        lines += [f"    {value}" for value in values]
        lines.append(f"  END_GROUP = {group}")
    return "\n".join([*lines, "END_GROUP = LANDSAT_METADATA_FILE", "END", ""])


def _quantification(level: str) -> str:
    if level == "L1C":
        return '            <QUANTIFICATION_VALUE unit="none">10000</QUANTIFICATION_VALUE>\n'
    return """            <QUANTIFICATION_VALUES_LIST>
                <BOA_QUANTIFICATION_VALUE unit="none">10000</BOA_QUANTIFICATION_VALUE>
                <AOT_QUANTIFICATION_VALUE unit="none">1000.0</AOT_QUANTIFICATION_VALUE>
                <WVP_QUANTIFICATION_VALUE unit="cm">1000.0</WVP_QUANTIFICATION_VALUE>
            </QUANTIFICATION_VALUES_LIST>
"""


def _offsets(level: str, baseline: str) -> str:
    if float(baseline) < 4:
        return ""
    around, name = (
        ("Radiometric_Offset_List", "RADIO_ADD_OFFSET")
        if level == "L1C"
        else ("BOA_ADD_OFFSET_VALUES_LIST", "BOA_ADD_OFFSET")
    )
    rows = "".join(
        f'                <{name} band_id="{band}">-1000</{name}>\n' for band in range(13)
    )
    return f"            <{around}>\n{rows}            </{around}>\n"


def _contents(name: str, *, surface: bool) -> list[str]:
    level = "L2SP" if surface else "L1TP"
    bands = [(str(number), f"SR_B{number}") for number in range(1, 8)]
    bands += [("ST_B10", "ST_B10")]
    if not surface:
        bands = [(str(number), f"B{number}") for number in range(1, 12)]
    lines = [
        'ORIGIN = "Image courtesy of the U.S. Geological Survey"',
        f'LANDSAT_PRODUCT_ID = "{name}"',
        f'PROCESSING_LEVEL = "{level}"',
        "COLLECTION_NUMBER = 02",
        'COLLECTION_CATEGORY = "T1"',
        'OUTPUT_FORMAT = "GEOTIFF"',
        *(f'FILE_NAME_BAND_{number} = "{name}_{stem}.TIF"' for number, stem in bands),
        f'FILE_NAME_QUALITY_L1_PIXEL = "{name}_QA_PIXEL.TIF"',
        f'FILE_NAME_QUALITY_L1_RADIOMETRIC_SATURATION = "{name}_QA_RADSAT.TIF"',
        f'FILE_NAME_ANGLE_COEFFICIENT = "{name}_ANG.txt"',
        f'FILE_NAME_METADATA_ODL = "{name}_MTL.txt"',
    ]
    return lines + [f'DATA_TYPE_BAND_{number} = "UINT16"' for number, _ in bands]


def _linear(kind: str, multiply: str, add: str, bands: range = range(1, 8)) -> list[str]:
    return [f"{kind}_MULT_BAND_{band} = {multiply}" for band in bands] + [
        f"{kind}_ADD_BAND_{band} = {add}" for band in bands
    ]


_THERMAL_RADIANCE = [
    "RADIANCE_MULT_BAND_10 = 3.8000E-04",
    "RADIANCE_MULT_BAND_11 = 3.4900E-04",
    "RADIANCE_ADD_BAND_10 = 0.10000",
    "RADIANCE_ADD_BAND_11 = 0.10000",
]
_ATTRIBUTES = [
    'SPACECRAFT_ID = "LANDSAT_8"',
    'SENSOR_ID = "OLI_TIRS"',
    "WRS_TYPE = 2",
    "WRS_PATH = 198",
    "WRS_ROW = 24",
    "DATE_ACQUIRED = 2020-06-13",
    'SCENE_CENTER_TIME = "10:33:30.1234560Z"',
    "CLOUD_COVER = 21.12",
    "SUN_AZIMUTH = -155.50000000",
    "SUN_ELEVATION = 57.84396063",
    "EARTH_SUN_DISTANCE = 1.0153000",
]
_PROJECTION = [
    'MAP_PROJECTION = "UTM"',
    'DATUM = "WGS84"',
    "UTM_ZONE = 31",
    "GRID_CELL_SIZE_REFLECTIVE = 30.00",
    "GRID_CELL_SIZE_THERMAL = 30.00",
    'ORIENTATION = "NORTH_UP"',
]
_PRODUCT = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:{long_level}_User_Product xmlns:n1="{schema}" xmlns:xsi="{xsi}" xsi:schemaLocation="{schema}">
    <n1:General_Info>
        <Product_Info>
            <PRODUCT_START_TIME>2023-06-25T10:46:21.024Z</PRODUCT_START_TIME>
            <PRODUCT_STOP_TIME>2023-06-25T10:46:21.024Z</PRODUCT_STOP_TIME>
            <PRODUCT_URI>{name}</PRODUCT_URI>
            <PROCESSING_LEVEL>{long_level}</PROCESSING_LEVEL>
            <PRODUCT_TYPE>S2MSI{short}</PRODUCT_TYPE>
            <PROCESSING_BASELINE>{baseline}</PROCESSING_BASELINE>
            <GENERATION_TIME>2023-06-25T15:00:00.000000Z</GENERATION_TIME>
            <PREVIEW_IMAGE_URL>Not applicable</PREVIEW_IMAGE_URL>
            <PREVIEW_GEO_INFO>Not applicable</PREVIEW_GEO_INFO>
            <Datatake datatakeIdentifier="GS2A_20230625T104621_041826_N{baseline}">
                <SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME>
                <DATATAKE_TYPE>INS-NOBS</DATATAKE_TYPE>
                <DATATAKE_SENSING_START>2023-06-25T10:46:21.024Z</DATATAKE_SENSING_START>
                <SENSING_ORBIT_NUMBER>51</SENSING_ORBIT_NUMBER>
                <SENSING_ORBIT_DIRECTION>DESCENDING</SENSING_ORBIT_DIRECTION>
            </Datatake>
            <Query_Options completeSingleTile="true">
                <PRODUCT_FORMAT>SAFE_COMPACT</PRODUCT_FORMAT>
            </Query_Options>
            <Product_Organisation>
                <Granule_List>
                    <Granule datastripIdentifier="S2A_OPER_MSI_{level}_DS_2APS_20230625T150000"
                             granuleIdentifier="S2A_OPER_MSI_{granule}" imageFormat="JPEG2000">
{files}
                    </Granule>
                </Granule_List>
            </Product_Organisation>
        </Product_Info>
        <Product_Image_Characteristics>
            <Special_Values>
                <SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>
                <SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX>
            </Special_Values>
            <Special_Values>
                <SPECIAL_VALUE_TEXT>SATURATED</SPECIAL_VALUE_TEXT>
                <SPECIAL_VALUE_INDEX>65535</SPECIAL_VALUE_INDEX>
            </Special_Values>
            <Image_Display_Order>
                <RED_CHANNEL>3</RED_CHANNEL>
                <GREEN_CHANNEL>2</GREEN_CHANNEL>
                <BLUE_CHANNEL>1</BLUE_CHANNEL>
            </Image_Display_Order>
{quantification}{offsets}            <Reflectance_Conversion>
                <U>0.96817485048713</U>
                <Solar_Irradiance_List>
                    <SOLAR_IRRADIANCE bandId="0" unit="W/m²/µm">1884.69</SOLAR_IRRADIANCE>
                </Solar_Irradiance_List>
            </Reflectance_Conversion>
            <Spectral_Information_List>
                <Spectral_Information bandId="0" physicalBand="B1">
                    <RESOLUTION>60</RESOLUTION>
                    <Wavelength>
                        <MIN unit="nm">412</MIN>
                        <MAX unit="nm">456</MAX>
                        <CENTRAL unit="nm">442.7</CENTRAL>
                    </Wavelength>
                </Spectral_Information>
            </Spectral_Information_List>
            <REFERENCE_BAND>B2</REFERENCE_BAND>
        </Product_Image_Characteristics>
    </n1:General_Info>
    <n1:Quality_Indicators_Info>
        <Cloud_Coverage_Assessment>12.345</Cloud_Coverage_Assessment>
        <Technical_Quality_Assessment>
            <DEGRADED_ANC_DATA_PERCENTAGE>0.0</DEGRADED_ANC_DATA_PERCENTAGE>
        </Technical_Quality_Assessment>
    </n1:Quality_Indicators_Info>
</n1:{long_level}_User_Product>
"""
_TILE = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:{long_level}_Tile_ID xmlns:n1="{schema}" xmlns:xsi="{xsi}" xsi:schemaLocation="{schema}">
    <n1:General_Info>
        <TILE_ID metadataLevel="Brief">{tile}</TILE_ID>
        <SENSING_TIME metadataLevel="Standard">2023-06-25T10:52:22.463757Z</SENSING_TIME>
    </n1:General_Info>
    <n1:Geometric_Info>
        <Tile_Geocoding metadataLevel="Brief">
            <HORIZONTAL_CS_NAME>WGS84 / UTM zone 31N</HORIZONTAL_CS_NAME>
            <HORIZONTAL_CS_CODE>EPSG:32631</HORIZONTAL_CS_CODE>
{rows}{places}        </Tile_Geocoding>
        <Tile_Angles metadataLevel="Standard">
            <Sun_Angles_Grid>
                <Zenith>
                    <COL_STEP unit="m">5000</COL_STEP>
                    <ROW_STEP unit="m">5000</ROW_STEP>
                    <Values_List><VALUES>30.1 30.2</VALUES></Values_List>
                </Zenith>
            </Sun_Angles_Grid>
            <Mean_Sun_Angle>
                <ZENITH_ANGLE unit="deg">29.5892458407657</ZENITH_ANGLE>
                <AZIMUTH_ANGLE unit="deg">154.235064324747</AZIMUTH_ANGLE>
            </Mean_Sun_Angle>
        </Tile_Angles>
    </n1:Geometric_Info>
    <n1:Quality_Indicators_Info metadataLevel="Standard">
        <Image_Content_QI>
            <CLOUDY_PIXEL_PERCENTAGE>12.345</CLOUDY_PIXEL_PERCENTAGE>
        </Image_Content_QI>
    </n1:Quality_Indicators_Info>
</n1:{long_level}_Tile_ID>
"""
