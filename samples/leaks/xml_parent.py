# ouro: GARBAGE 50 x xml.dom.minidom.Element .childNodes -> xml.dom.minicompat.NodeList [*] -> xml.dom.minidom.Text .parentNode @ samples/leaks/xml_parent.py:12
#
# A document of xml.dom.minidom that was dropped without unlink().
import gc
from xml.dom import minidom

gc.disable()


def leak():
    document = minidom.Document()
    element = document.createElement("row")
    element.appendChild(document.createTextNode("value"))
    return element.tagName


for _ in range(50):
    leak()
